"""Types into `jupyter console` as a person would; prints what it answered, one JSON list."""

import json
import sys

import pexpect

LINES = [
    ("const litres: number = 3", None),
    ("litres * 14", None),
    ("console.log('poured', litres)", None),
    ("prompt('name? ') + '!'", ("name? ", "Ada")),
    ("litres = 'four'", None),
    ("litres?", None),
]


def main():
    words = ["-m", "jupyter_console", "--kernel", "stillhouse", "--simple-prompt", "--ZMQTerminalInteractiveShell.kernel_timeout=60"]
    console = pexpect.spawn(sys.executable, words, encoding="utf-8", timeout=60, dimensions=(50, 200), echo=False)
    answers = []
    console.expect(r"In \[1\]: ")
    for typed, question in LINES:
        console.sendline(typed)
        if question:
            console.expect_exact(question[0])
            console.sendline(question[1])
        console.expect(r"In \[\d+\]: ")
        answers.append(console.before)
    console.sendline("exit")
    console.expect(pexpect.EOF)
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
