"""The directive `module-list`: every module of seqprobe with the first sentence of its docstring."""

from __future__ import annotations

import ast
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

SOURCE = Path(__file__).parents[2] / "src" / "seqprobe"


def purpose(path: Path) -> str:
    """The first paragraph of a module's docstring, in one line."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.split("\n\n")[0].split())


def packages() -> dict[str, list[Path]]:
    """The modules of every package by its path below ``src/seqprobe``; the first of each is its ``__init__.py``."""
    found: dict[str, list[Path]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        found.setdefault(str(path.parent.relative_to(SOURCE)), []).append(path)
    return found


def text_with_code(text: str) -> list[nodes.Node]:
    """Text whose parts between backticks are set as code."""
    parts = text.replace("``", "`").split("`")
    return [nodes.literal(text=part) if index % 2 else nodes.Text(part) for index, part in enumerate(parts)]


def item(name: str, path: Path) -> nodes.list_item:
    """A module's name with its purpose."""
    return nodes.list_item("", nodes.paragraph("", "", nodes.literal(text=name), *text_with_code(f": {purpose(path)}")))


class ModuleList(Directive):
    """A list of modules per package."""

    def run(self) -> list[nodes.Node]:
        shown: list[nodes.Node] = []
        for package, modules in packages().items():
            title = "src/seqprobe/" + ("" if package == "." else f"{package}/")
            shown.append(nodes.rubric(text=title))
            shown.append(nodes.bullet_list("", *(item(path.name, path) for path in modules if purpose(path))))
        return shown


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive("module-list", ModuleList)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
