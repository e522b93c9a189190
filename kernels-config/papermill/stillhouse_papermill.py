"""papermill parameters for TypeScript notebooks.

papermill has no entry point for translators, so the set-up writes one line into a ``.pth`` file of its Python
(``import site; site.addsitedir(".../kernels-config/papermill")``), which imports this module at start-up. Importing it
costs nothing: the translator is registered when papermill itself is imported.
"""

import importlib.abc
import importlib.util
import json
import math
import re
import sys

MODULE = "papermill.translators"

# let name: type = value; // help
ASSIGNMENT = re.compile(
    r"^\s*(?:export\s+)?(?:let|const|var)\s+(?P<name>[A-Za-z_$][\w$]*)\s*"
    r"(?::\s*(?P<type>[^=]+?))?\s*=\s*(?P<value>.+?)\s*;?\s*(?://\s*(?P<help>.*))?$"
)


def register(module):
    """Adds the TypeScript translator to papermill's table."""

    class TypeScriptTranslator(module.Translator):
        """Python values as TypeScript: what papermill's ``-p``, ``-f`` and ``-y`` give becomes a cell of ``let``s."""

        @classmethod
        def translate_none(cls, val):
            return "null"

        @classmethod
        def translate_str(cls, val):
            return json.dumps(str(val), ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")

        @classmethod
        def translate_float(cls, val):
            if math.isnan(val):
                return "NaN"
            if math.isinf(val):
                return "Infinity" if val > 0 else "-Infinity"
            return repr(val)

        @classmethod
        def translate_list(cls, val):
            return f"[{', '.join(cls.translate(item) for item in val)}]"

        @classmethod
        def translate_tuple(cls, val):
            return cls.translate_list(val)

        @classmethod
        def translate_dict(cls, val):
            pairs = (f"{cls.translate_str(key)}: {cls.translate(item)}" for key, item in val.items())
            return "{ " + ", ".join(pairs) + " }" if val else "{}"

        @classmethod
        def comment(cls, cmt_str):
            return f"// {cmt_str}".strip()

        @classmethod
        def assign(cls, name, str_val):
            return f"let {name} = {str_val};"

        @classmethod
        def inspect(cls, parameters_cell):
            found = (ASSIGNMENT.match(line) for line in parameters_cell["source"].splitlines())
            return [
                module.Parameter(
                    name=match["name"],
                    inferred_type_name=(match["type"] or "None").strip(),
                    default=match["value"],
                    help=match["help"] or "",
                )
                for match in found
                if match
            ]

    # The values are written alike in both languages.
    for language in ("typescript", "javascript"):
        module.papermill_translators.register(language, TypeScriptTranslator)


class RegisterOnImport(importlib.abc.MetaPathFinder):
    """Lets the import of papermill's translators happen as ever, then registers ours."""

    def find_spec(self, name, path, target=None):
        if name != MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            register(module)

        spec.loader.exec_module = exec_module
        return spec


if MODULE in sys.modules:
    register(sys.modules[MODULE])
else:
    sys.meta_path.insert(0, RegisterOnImport())
