"""jupyter_kernel_test's cases for the Stillhouse kernel: a sample for every test, so that none is skipped."""

import unittest

import jupyter_kernel_test as jkt


class StillhouseKernelTests(jkt.KernelTests):
    kernel_name = "stillhouse"
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oops')"
    completion_samples = [
        {"text": "consol", "matches": {"console"}},
        {"text": "[1].toSor", "matches": {"toSorted"}},
        {"text": "import { readFileS", "matches": set()},
    ]
    complete_code_samples = ["1", "const a = 1", "function f(x: number) {\n  return x * 2;\n}", "await (async () => 7)()"]
    incomplete_code_samples = ["function f() {", "const x = [1,", "`text", "/* comment", "f("]
    invalid_code_samples = ["let 1a = ;)", "const = 3", "}{"]
    code_page_something = "console?"
    code_generate_error = "throw new RangeError('out of range')"
    code_execute_result = [
        {"code": "1 + 2 + 3", "result": "6"},
        {"code": "const word: string = 'still'; word + 'house'", "result": "'stillhouse'"},
        {"code": "await Promise.resolve([1, 2])", "result": "[ 1, 2 ]"},
    ]
    code_display_data = [
        {
            "code": "(globalThis as any)[Symbol.for('stillhouse.display')].display({ 'text/html': '<b>x</b>' })",
            "mime": "text/html",
        },
        {"code": "import * as tslab from 'tslab'; tslab.display.svg('<svg/>')", "mime": "image/svg+xml"},
    ]
    code_history_pattern = "1 ?*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "console.log"
    code_clear_output = "(globalThis as any)[Symbol.for('stillhouse.display')].clearOutput()"


class StillhouseWelcomeTests(jkt.IopubWelcomeTests):
    kernel_name = "stillhouse"
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main()
