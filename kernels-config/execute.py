"""Runs a notebook headless, as a Jupyter client would, and writes it with its outputs.

    python execute.py IN.ipynb OUT.ipynb [--kernel stillhouse] [--timeout SECONDS] [--cwd FOLDER] [--provenance JSON]
        [--parameters CODE]

Whatever happens, OUT holds what was computed: a failed or interrupted run is written up to that point.
SIGTERM and SIGHUP interrupt it as Ctrl-C does, and so does the end of whoever reads what it says.
Exit status: 0 done, 1 a cell failed, 2 the notebook or the kernel could not be started or reached, 130 interrupted.
"""

import argparse
import asyncio
import datetime
import json
import os
import re
import signal
import sys
import time

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError


def settle_lines(notebook):
    """Removes overwritten text of a line (progress), as a terminal does; the kernel sends the whole line after a \\r."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                output.text = re.sub(r"[^\n]*\r(?=[^\r\n])", "", output.text)


def write(notebook, path):
    """Writes under a temporary name and renames, so that a reader never sees half a file."""
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    partial = f"{path}.{os.getpid()}.partial"
    with open(partial, "w", encoding="utf-8") as file:
        nbformat.write(notebook, file)
    os.replace(partial, path)


STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def on_stop(handler):
    for one in STOPS:
        signal.signal(one, handler)


def interrupt(*_):
    on_stop(signal.SIG_IGN)  # a second one, as from the terminal and from the parent, must not cut off the writing
    raise KeyboardInterrupt


def say(text):
    """Returns whether anyone is there to read it."""
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:  # the parent or the terminal is gone
        return False
    return True


def inject(notebook, parameters):
    """Declares the parameters in a new cell after the one tagged 'parameters', so that the executed notebook shows them.
    If an executed notebook is executed again, the new cell replaces the earlier one, as in papermill."""
    if not parameters:
        return

    def tagged(name):
        return [cell for cell in notebook.cells if name in cell.metadata.get("tags", [])]

    earlier = tagged("injected-parameters")
    place = (tagged("parameters") or earlier)[:1]
    if not place:
        raise ValueError("it has no cell tagged 'parameters' to set them after")
    cell = nbformat.v4.new_code_cell(parameters, metadata={"tags": ["injected-parameters"]})
    cell["id"] = "injected-parameters"
    notebook.cells.insert(notebook.cells.index(place[0]) + 1, cell)
    notebook.cells = [one for one in notebook.cells if not any(one is old for old in earlier)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook")
    parser.add_argument("out")
    parser.add_argument("--kernel", help="default: the one that the notebook names")
    parser.add_argument("--timeout", type=float, help="seconds for one cell; default: none")
    parser.add_argument("--cwd", help="default: the notebook's folder")
    parser.add_argument("--provenance", help="JSON object for metadata.stillhouse")
    parser.add_argument("--parameters", help="declarations, as code; run after the cell tagged 'parameters', as papermill does")
    options = parser.parse_args()
    on_stop(interrupt)
    try:
        notebook = nbformat.read(options.notebook, as_version=4)
        recorded = json.loads(options.provenance or "{}")
        inject(notebook, options.parameters)
    except (OSError, ValueError) as error:
        say(f"Cannot read {options.notebook}: {error}")
        return 2

    began = time.monotonic()
    total = sum(1 for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip())
    done = 0

    def executed(cell, cell_index, execute_reply):
        nonlocal done
        done += 1
        if not say(f"cell {done}/{total} · {time.monotonic() - began:.1f} s"):
            interrupt()

    def started(notebook):
        # nbclient's own handlers end the kernel beside a cell that goes on waiting for it, and then fail.
        loop = asyncio.get_running_loop()
        for one in STOPS:
            loop.remove_signal_handler(one)
        on_stop(interrupt)

    client = NotebookClient(
        notebook,
        kernel_name=options.kernel or notebook.metadata.get("kernelspec", {}).get("name", "stillhouse"),
        timeout=options.timeout,
        resources={"metadata": {"path": options.cwd or os.path.dirname(os.path.abspath(options.notebook))}},
        on_notebook_start=started,
        on_cell_executed=executed,
    )
    status, words = 0, None
    say(f"cell 0/{total} · 0.0 s")
    try:
        # Names the notebook, as Jupyter's server does, so that the kernel can read its settings.
        client.execute(env={**os.environ, "JPY_SESSION_NAME": os.path.abspath(options.notebook)})
    except CellExecutionError as error:
        status, words = 1, f"A cell failed: {error.ename}: {error.evalue}"
    except CellTimeoutError as error:
        status, words = 1, f"A cell took longer than {options.timeout:g} s. {str(error).splitlines()[0]}"
    except DeadKernelError as error:
        status, words = 1, f"The kernel died: {error}"
    except KeyboardInterrupt:
        status, words = 130, "Interrupted."
    except NoSuchKernel as error:
        say(f"No kernel is named {error.name!r}. Run `npm run setup` first; `jupyter kernelspec list` shows what is there.")
        return 2
    except Exception as error:  # the kernel didn't start, its connection broke
        status, words = 2, f"The kernel could not be started or reached: {type(error).__name__}: {error}"

    on_stop(signal.SIG_IGN)  # what is left takes a moment
    notebook.metadata["stillhouse"] = {
        **notebook.metadata.get("stillhouse", {}),
        **recorded,
        "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "seconds": round(time.monotonic() - began, 1),
    }
    if words:
        notebook.metadata["stillhouse"]["failed"] = words
        say(words)
        say(f"What was computed is in {options.out}.")
    else:
        notebook.metadata["stillhouse"].pop("failed", None)
    settle_lines(notebook)
    write(notebook, options.out)
    return status


if __name__ == "__main__":
    sys.exit(main())
