"""Code of a notebook as a module: the source of a class with all that it uses, so that a config can name it."""

from __future__ import annotations

import ast
import builtins
import importlib.util
import inspect
import linecache
import re
import symtable
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from seqprobe.checks import InvalidValue

_folder: list[tempfile.TemporaryDirectory[str]] = []
"""Where the modules of this process are; the runs that they are used in record their source."""


def object_folders() -> list[Path]:
    """The folder with modules that were made from a notebook's code, if there are any."""
    return [Path(folder.name).resolve() for folder in _folder]


def target_name(key: str, thing: Any) -> str:
    """The full name by which a config finds a class; one that a notebook defines is written into a module first.

    Raises:
        InvalidValue: its source, or that of something that it uses, cannot be recorded.
    """
    module, name = thing.__module__, thing.__qualname__
    if not is_in_notebook(thing) and getattr(sys.modules.get(module), name, None) is thing:
        return f"{module}.{name}"
    if not name.isidentifier():
        raise InvalidValue(key, name, "cannot be recorded: define it by itself, in a notebook's cell or in a file")
    return f"{written_module(key, thing)}.{name}"


def is_in_notebook(thing: Any) -> bool:
    """Whether a class or function was defined in the running notebook or script."""
    return getattr(thing, "__module__", None) == "__main__"


def written_module(key: str, thing: Any) -> str:
    """Write a class with what it uses into a module and import that; the module's name."""
    name = f"notebook_{snake_case(thing.__name__)}"
    text = module_text(key, thing)
    if not _folder:
        _folder.append(tempfile.TemporaryDirectory(prefix="seqprobe-notebook-"))
    path = object_folders()[0] / f"{name}.py"
    if name in sys.modules and path.exists() and path.read_text() == text:
        return name
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    linecache.checkcache(str(path))
    spec.loader.exec_module(module)
    return name


def snake_case(name: str) -> str:
    """``LeakyRNN`` as ``leaky_rnn``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def module_text(key: str, thing: Any) -> str:
    """The source of a class of a notebook, after the definitions of everything that it uses."""
    definitions: dict[str, str] = {}
    add_definition(key, thing.__name__, thing, vars(sys.modules["__main__"]), definitions)
    opening = f'"""{thing.__name__}, as a notebook defines it."""\n\nfrom __future__ import annotations\n'
    return "\n\n".join([opening, *filter(None, definitions.values())]) + "\n"


def add_definition(key: str, name: str, value: Any, scope: dict[str, Any], definitions: dict[str, str]) -> None:
    """Add what defines ``name`` as ``value``, after what it needs itself.

    Raises:
        InvalidValue: it cannot be written down.
    """
    if name in definitions:
        return
    definitions[name] = ""  # a class may use its own name
    text = import_text(name, value) or literal_text(name, value)
    if text is None:
        if not is_in_notebook(value) or not isinstance(value, type | FunctionType):
            allowed = "cannot be recorded: pass it as an argument, or make it a number, text, list, class or function"
            raise InvalidValue(key, name, f"is a {type(value).__name__} of the notebook, which {allowed}")
        text = source_text(key, value)
        for used in global_names(text):
            if used in scope and used != name:
                add_definition(key, used, scope[used], scope, definitions)
        text += "" if value.__name__ == name else f"\n{name} = {value.__name__}"
    del definitions[name]
    definitions[name] = text


def import_text(name: str, value: Any) -> str | None:
    """The import of a module, or of what a module defines; None for what the notebook defines."""
    if isinstance(value, ModuleType):
        return f"import {value.__name__} as {name}"
    module, qualified = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if module in (None, "__main__") or qualified is None or "." in qualified:
        return None
    defined = getattr(sys.modules.get(str(module)), qualified, None)
    return f"from {module} import {qualified} as {name}" if defined is value else None


def literal_text(name: str, value: Any) -> str | None:
    """The assignment of a number, a text, or a container of them; None for anything else."""
    try:
        return f"{name} = {value!r}" if ast.literal_eval(repr(value)) == value else None
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return None


def source_text(key: str, value: Any) -> str:
    """The source of a class or a function of a notebook.

    Raises:
        InvalidValue: Python does not know it.
    """
    try:
        source = inspect.getsource(value)
    except (OSError, TypeError):  # Python finds a notebook's functions, and its classes by their methods alone
        source = class_source(value)
    if not source:
        raise InvalidValue(key, value.__name__, "its source is unknown: define it in a notebook's cell or a file")
    return textwrap.dedent(source).strip()


def class_source(value: Any) -> str:
    """The source of a class, found where one of its methods is; empty if none is found."""
    for code in (method.__code__ for method in vars(value).values() if isinstance(method, FunctionType)):
        cell = "".join(linecache.getlines(code.co_filename))
        for node in ast.walk(ast.parse(cell)):
            if isinstance(node, ast.ClassDef) and node.name == value.__name__:
                first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                if first <= code.co_firstlineno <= (node.end_lineno or 0):
                    return "\n".join(cell.splitlines()[first - 1 : node.end_lineno])
    return ""


def global_names(source: str) -> list[str]:
    """The global names that a definition uses and that are not Python's own, in alphabetical order."""

    def names(table: symtable.SymbolTable) -> Iterator[str]:
        is_module = table.get_type() == "module"
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (symbol.is_global() or (is_module and not symbol.is_assigned())):
                yield symbol.get_name()
        for child in table.get_children():
            yield from names(child)

    used = names(symtable.symtable(source, "notebook", "exec"))
    return sorted({name for name in used if not hasattr(builtins, name)})
