"""Speed and memory of Jupyter kernels, side by side: `.venv/bin/python tests/bench/kernel.py [KERNEL ...]`.

Kernels: stillhouse, tslab (stock) and python3 (ipykernel), those that are installed. Prints one page: a table, medians
with the range in brackets, the targets, and the machine's load, without which no figure means anything.
"""

import argparse
import os
import pathlib
import re
import statistics
import sys
import time

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

ROOT = pathlib.Path(__file__).resolve().parents[2]
TF = "@tensorflow/tfjs-node-gpu"
CODE = {
    "typescript": {
        "trivial": lambda i: f"{i} + 1",
        "declare": lambda i: f"const v{i} = {i}",
        "tf": f"import * as tf from '{TF}'; const t = tf.ones([2, 2])",
        "library": "import * as stillhouse from 'stillhouse'",
        "busy": "const end = Date.now() + 3000; while (Date.now() < end) {}",
        "tf busy": "const m = tf.ones([1500, 1500]); const stop = Date.now() + 3000; while (Date.now() < stop) tf.tidy(() => tf.matMul(m, m).dataSync())",
        "print": "for (let i = 0; i < 20000; i++) console.log('line', i)",
    },
    "python": {
        "trivial": lambda i: f"{i} + 1",
        "declare": lambda i: f"v{i} = {i}",
        "busy": "import time\nend = time.time() + 3\nwhile time.time() < end: pass",
        "print": "for i in range(20000): print('line', i)",
    },
}


def tree(pid):
    """A process and its descendants."""
    children = {}
    for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found, queue = [], [pid]
    while queue:
        found.append(queue.pop())
        queue += children.get(found[-1], [])
    return found


def memory(pid):
    """Resident MB of a kernel's processes: pages that they share (Node itself) counted once, and counted in each."""
    own, shared = [], []
    for process in tree(pid):
        text = pathlib.Path(f"/proc/{process}/smaps_rollup").read_text()
        kilobytes = {name: int(size) for name, size in re.findall(r"^(\w+): +(\d+) kB", text, re.M)}
        own.append(kilobytes["Private_Clean"] + kilobytes["Private_Dirty"])
        shared.append(kilobytes["Rss"] - own[-1])
    return (sum(own) + max(shared)) / 1024, (sum(own) + sum(shared)) / 1024


class Kernel:
    def __init__(self, name):
        self.replies = {}
        self.manager = KernelManager(kernel_name=name)
        begin = time.perf_counter()
        self.manager.start_kernel(cwd=str(ROOT), env={**os.environ, "STILLHOUSE_HISTORY": "/dev/null"})
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        while True:
            message = self.client.kernel_info()
            try:
                self.reply(message, timeout=0.2)
                break
            except TimeoutError:
                continue
        self.started = time.perf_counter() - begin

    def reply(self, message, timeout=120):
        end = time.perf_counter() + timeout
        while message not in self.replies:
            try:
                got = self.client.get_shell_msg(timeout=max(0.01, end - time.perf_counter()))
            except Exception as nothing:
                raise TimeoutError from nothing
            self.replies[got["parent_header"].get("msg_id")] = got["content"]
        return self.replies.pop(message)

    def run(self, code):
        """Milliseconds from request to reply."""
        begin = time.perf_counter()
        content = self.reply(self.client.execute(code, store_history=True))
        if content["status"] != "ok":
            raise RuntimeError(f"{code!r}: {content.get('evalue')}")
        return (time.perf_counter() - begin) * 1000

    def lines(self, code):
        """Seconds until idle, lines and messages received."""
        while True:
            try:
                self.client.get_iopub_msg(timeout=0.05)
            except Exception:
                break
        begin = time.perf_counter()
        message = self.client.execute(code)
        lines = messages = 0
        while True:
            try:
                got = self.client.get_iopub_msg(timeout=5)
            except Exception:
                return time.perf_counter() - begin, lines, messages, False
            if got["parent_header"].get("msg_id") != message:
                continue
            if got["msg_type"] == "stream":
                messages += 1
                lines += got["content"]["text"].count("\n")
            if got["msg_type"] == "status" and got["content"]["execution_state"] == "idle":
                return time.perf_counter() - begin, lines, messages, True

    def asked_while(self, code, name):
        """Milliseconds of 30 answers (kernel_info, completion, inspection of `name`) while `code` runs; none: it waits."""
        running = self.client.execute(code)
        time.sleep(0.6)
        client, taken = self.client, []
        questions = (client.kernel_info, lambda: client.complete("Mat"), lambda: client.inspect(name, len(name)))
        for question in questions * 10:
            begin = time.perf_counter()
            try:
                self.reply(question(), timeout=4)
            except TimeoutError:
                self.reply(running)
                return []
            taken.append((time.perf_counter() - begin) * 1000)
        self.reply(running)
        return taken

    def interrupted(self, code):
        """Milliseconds from an interrupt to the reply of `code`, which computes; none where no reply comes."""
        running = self.client.execute(code)
        time.sleep(0.6)
        begin = time.perf_counter()
        self.manager.interrupt_kernel()
        try:
            self.reply(running, timeout=10)
        except TimeoutError:
            return []
        return [(time.perf_counter() - begin) * 1000]

    def stop(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


TARGETS = {
    "start to first reply, s": "≤ 1.0",
    "idle memory, MB (shared pages in each process)": "≤ 200",
    "trivial cell, ms": "≤ 10",
    "cell that declares, ms": "≤ 20",
    "trivial cell after tfjs, ms": "≤ 10",
    "cell that declares after tfjs, ms": "≤ 20",
    "20,000 lines printed": "all, with idle",
    "answer while a cell computes, ms": "≤ 100",
    "answer while TensorFlow computes, ms": "≤ 100",
    "import 'stillhouse', ms": "≤ 2000",
    "interrupt while TensorFlow computes, ms": "≤ 1000",
    "interrupt of a loop, ms": "≤ 1000",
}


def spread(values):
    if not values:
        return "none"
    return f"{statistics.median(values):.1f} ({min(values):.1f}-{max(values):.1f})"


def measure(name, language, runs):
    code = CODE[language]
    rows = {}
    starts = []
    for _ in range(5):
        kernel = Kernel(name)
        starts.append(kernel.started)
        kernel.stop()
    rows["start to first reply, s"] = spread(starts)
    kernel = Kernel(name)
    try:
        measure_running(kernel, code, runs, rows)
    finally:
        kernel.stop()
    return rows


def measure_running(kernel, code, runs, rows):
    rows["first cell, ms"] = f"{kernel.run('1'):.0f}"
    time.sleep(2)
    rows["idle memory, MB (shared pages in each process)"] = "{:.0f} ({:.0f})".format(*memory(kernel.manager.provisioner.pid))
    rows["trivial cell, ms"] = spread([kernel.run(code["trivial"](i)) for i in range(runs)])
    rows["cell that declares, ms"] = spread([kernel.run(code["declare"](i)) for i in range(runs)])
    seconds, lines, messages, idle = kernel.lines(code["print"])
    rows["20,000 lines printed"] = f"{lines} in {messages} messages, {seconds:.1f} s{'' if idle else ', no idle'}"
    rows["answer while a cell computes, ms"] = spread(kernel.asked_while(code["busy"], "end"))
    for step, label in (("library", "import 'stillhouse', ms"), ("tf", "import of tfjs-node, ms")):
        if step in code:
            try:
                rows[label] = f"{kernel.run(code[step]):.0f}"
            except RuntimeError as error:
                rows[label] = f"fails: {str(error)[:60]}"
    if "tf" in code:
        rows["trivial cell after tfjs, ms"] = spread([kernel.run(code["trivial"](i)) for i in range(runs)])
        rows["cell that declares after tfjs, ms"] = spread([kernel.run(code["declare"](i)) for i in range(runs)])
        rows["answer while TensorFlow computes, ms"] = spread(kernel.asked_while(code["tf busy"], "stop"))
        rows["interrupt while TensorFlow computes, ms"] = spread(kernel.interrupted(code["tf busy"]))
    # Last, as there are kernels that don't outlive it. Where nothing stops the loop, this is the rest of its 3 s.
    rows["interrupt of a loop, ms"] = spread(kernel.interrupted(code["busy"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kernels", nargs="*", default=["stillhouse", "tslab", "python3"])
    parser.add_argument("--runs", type=int, default=50, help="cells a median is taken over")
    options = parser.parse_args()
    before = os.getloadavg()[0]
    specs = KernelSpecManager().get_all_specs()
    results = {}
    for name in options.kernels:
        if name not in specs:
            print(f"{name}: not installed, left out", file=sys.stderr)
            continue
        results[name] = measure(name, "python" if specs[name]["spec"]["language"] == "python" else "typescript", options.runs)
    labels = list(dict.fromkeys(label for rows in results.values() for label in rows))
    print("# The kernel beside stock tslab and ipykernel\n")
    print(f"Medians of {options.runs} cells (5 starts), least and most in brackets; measured by Jupyter's own client.")
    print(f"Load average {before:.1f} before and {os.getloadavg()[0]:.1f} after, on {os.cpu_count()} cores.\n")
    print("| | " + " | ".join(results) + " | target |\n|---|" + "---|" * (len(results) + 1))
    for label in labels:
        print(f"| {label} | " + " | ".join(rows.get(label, "–") for rows in results.values()) + f" | {TARGETS.get(label, '')} |")


if __name__ == "__main__":
    main()
