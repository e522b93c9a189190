"""Runs notebooks as users' tools do: `python notebook.py TOOL FOLDER`, with a kernelspec on JUPYTER_PATH.

Prints one JSON object with what the tool gave.
"""

import json
import os
import pathlib
import site
import sys

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

ROOT = pathlib.Path(__file__).resolve().parents[3]
SPEC = {"name": "stillhouse", "display_name": "TypeScript (Stillhouse)", "language": "typescript"}


def notebook(*sources, tags=()):
    cells = [new_code_cell(source) for source in sources]
    if tags:
        cells[0].metadata["tags"] = list(tags)
    return new_notebook(cells=cells, metadata={"kernelspec": SPEC, "language_info": {"name": "typescript"}})


def outputs(executed):
    return [[dict(output) for output in cell.outputs] for cell in executed.cells if cell.cell_type == "code"]


def run_nbclient(folder):
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    good = notebook("const a = 20;\na + 1", "for (let i = 0; i < 2000; i++) console.log(i)", "[a, 'kept']")
    NotebookClient(good, kernel_name="stillhouse", resources={"metadata": {"path": str(folder)}}).execute()
    bad = notebook("throw new TypeError('stops here')", "'must not run'")
    try:
        NotebookClient(bad, kernel_name="stillhouse").execute()
        error = None
    except CellExecutionError as raised:
        error = [raised.ename, raised.evalue]
    allowed = notebook("throw new Error('first')", "2 * 2", "const x: string = 1", "3 * 3")
    NotebookClient(allowed, kernel_name="stillhouse", allow_errors=True).execute()
    return {"good": outputs(good), "error": error, "allowed": outputs(allowed)}


def run_papermill(folder):
    site.addsitedir(str(ROOT / "kernels-config" / "papermill"))
    import papermill

    source = folder / "parameters.ipynb"
    nbformat.write(
        notebook(
            "let epochs: number = 1; // passes\nlet names: string[] = []\nconst rate = 0.5",
            "JSON.stringify({ epochs, names, rate, options })",
            tags=["parameters"],
        ),
        source,
    )
    known = {name: [p["inferred_type_name"], p["default"], p["help"]] for name, p in papermill.inspect_notebook(str(source)).items()}
    values = {"epochs": 7, "names": ['a "quoted"', "b\n"], "rate": 1e-05, "options": {"on": True, "none": None}}
    executed = papermill.execute_notebook(str(source), str(folder / "executed.ipynb"), parameters=values, progress_bar=False)
    return {"known": known, "outputs": outputs(executed)[-1]}


def run_nbconvert(folder):
    from nbconvert import HTMLExporter
    from nbconvert.preprocessors import ExecutePreprocessor

    book = notebook(
        "const show = (globalThis as any)[Symbol.for('stillhouse.display')].display;\n"
        "show({ 'image/svg+xml': '<svg id=\"chart\"/>', 'text/plain': 'a chart', 'application/vnd.vegalite.v5+json': {} })",
        "'last'",
    )
    ExecutePreprocessor(kernel_name="stillhouse").preprocess(book, {"metadata": {"path": str(folder)}})
    body, _ = HTMLExporter().from_notebook_node(book)
    return {"svg": 'id="chart"' in body or "data:image/svg+xml" in body, "last": "last" in body}


def run_tslab(folder):
    """The library on stock tslab: a notebook as the tour is written, opened with its kernelspec."""
    from nbclient import NotebookClient

    book = notebook(
        "import { barChart, show } from 'stillhouse';\nimport { kmeans } from 'ml-kmeans';\n"
        "await show([{ method: 'random', accuracy: 0.5 }]);",
        "await show(barChart([{ method: 'random', accuracy: 0.5 }], { series: 'method', value: 'accuracy' }));",
        "import * as tslab from 'tslab';\ntslab.display.svg('<svg/>'); console.log(typeof kmeans)",
    )
    book.metadata.kernelspec["name"] = "tslab"
    NotebookClient(book, kernel_name="tslab", resources={"metadata": {"path": str(ROOT / "notebooks")}}).execute()
    return outputs(book)


def run_tour(folder):
    """`tour.ipynb` of the folder on stock tslab, from an empty store."""
    from nbclient import NotebookClient

    os.environ["STILLHOUSE_STORE"] = str(folder / "store")
    book = nbformat.read(folder / "tour.ipynb", as_version=4)
    NotebookClient(book, kernel_name="tslab", resources={"metadata": {"path": str(ROOT / "notebooks")}}).execute()
    return outputs(book)


if __name__ == "__main__":
    tools = {
        "nbclient": run_nbclient,
        "papermill": run_papermill,
        "nbconvert": run_nbconvert,
        "tslab": run_tslab,
        "tour": run_tour,
    }
    print(json.dumps(tools[sys.argv[1]](pathlib.Path(sys.argv[2]))))
