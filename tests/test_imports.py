"""Imports flow one way, and each big dependency is known to its own packages alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripts import ROOT

LAYERS: list[set[str]] = [
    {
        "seqprobe",
        "seqprobe.batch",
        "seqprobe.checks",
        "seqprobe.constructed",
        "seqprobe.failure",
        "seqprobe.files",
        "seqprobe.interrupts",
        "seqprobe.learned",
        "seqprobe.markdown",
        "seqprobe.moved_names",
        "seqprobe.scaling",
        "seqprobe.scoring",
        "seqprobe.seeds",
        "seqprobe.user_calls",
    },
    {"seqprobe.tasks", "seqprobe.models", "seqprobe.figures"},
    {"seqprobe.probes"},
    {"seqprobe.learning"},
    {"seqprobe.evaluation"},
    {"seqprobe.testing"},
    {"seqprobe.tracking"},
    {"seqprobe.reports"},
    {"seqprobe.config"},
    {"seqprobe.run"},
    {"seqprobe.commands"},
    {"seqprobe.bench"},
    {"seqprobe.__main__", "pipelines", "hydra_plugins"},
]
"""A part imports those of layers above it in this list; the first layer's parts each other as well."""
OWNERS = {
    "pytorch_lightning": {"seqprobe.learning", "seqprobe.bench"},
    "mlflow": {"seqprobe.tracking"},
    "llvmlite": {"seqprobe.models"},
    "matplotlib": {"seqprobe.figures"},
    "optuna": {"seqprobe.run"},
    "hydra": {"seqprobe.config", "seqprobe.run", "hydra_plugins"},
    "omegaconf": {"seqprobe.config", "seqprobe.run", "hydra_plugins"},
}
FILES = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "pipelines").glob("*.py")])


def module_name(path: Path) -> str:
    """``seqprobe.tasks.curves`` for src/seqprobe/tasks/curves.py; a package's __init__ has the package's name."""
    relative = path.relative_to(ROOT)
    parts = list((relative.relative_to("src") if relative.parts[0] == "src" else relative).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part_of(module: str) -> str:
    """The part that a module belongs to, as `LAYERS` names it."""
    first, *rest = module.split(".")
    return f"seqprobe.{rest[0]}" if first == "seqprobe" and rest else first


def imported(tree: ast.AST, module: str = "", package: bool = False) -> Iterator[str]:
    """Every module that is imported when the code runs, in functions too, not under ``if TYPE_CHECKING:``."""
    if isinstance(tree, ast.If) and isinstance(tree.test, ast.Name) and tree.test.id == "TYPE_CHECKING":
        for other in tree.orelse:
            yield from imported(other, module, package)
        return
    if isinstance(tree, ast.Import):
        yield from (alias.name for alias in tree.names)
    if isinstance(tree, ast.ImportFrom):
        yield from from_import(tree, module.split(".")[: -(tree.level - package) or None] if tree.level else [])
    for child in ast.iter_child_nodes(tree):
        yield from imported(child, module, package)


def from_import(node: ast.ImportFrom, base: list[str]) -> Iterator[str]:
    """``from seqprobe import figures`` imports ``seqprobe.figures``; ``from torch import nn`` stays ``torch``."""
    source = ".".join([*base, *([node.module] if node.module else [])])
    yield from (f"{source}.{alias.name}" if source == "seqprobe" else source for alias in node.names)


def imports_of(path: Path) -> set[str]:
    return set(imported(ast.parse(path.read_text()), module_name(path), path.stem == "__init__"))


def layer(part: str) -> int | None:
    return next((index for index, parts in enumerate(LAYERS) if part in parts), None)


def flows_up(part: str, other: str) -> bool:
    """True when ``part`` may not import ``other``."""
    if part == other or other not in set().union(*LAYERS):
        return False
    here, there = layer(part), layer(other)
    assert here is not None, f"{part} is in no layer"
    assert there is not None
    return there > here or (there == here and here > 0)


def test_what_counts_as_an_import() -> None:
    source = """
import a.b, c
from d.e import f
from seqprobe import figures
from . import near
from .beside import thing
from ..tasks.curves import Line
if TYPE_CHECKING:
    import g
else:
    import h
def function():
    if True:
        from i import j
"""
    expected = {
        "a.b",
        "c",
        "d.e",
        "seqprobe.figures",
        "seqprobe.probes",
        "seqprobe.probes.beside",
        "seqprobe.tasks.curves",
        "h",
        "i",
    }
    assert set(imported(ast.parse(source), "seqprobe.probes.curve_probes")) == expected
    assert set(imported(ast.parse("from .curves import x"), "seqprobe.probes", True)) == {"seqprobe.probes.curves"}


@pytest.mark.parametrize(
    ("part", "other", "refused"),
    [
        ("seqprobe.models", "seqprobe.batch", False),
        ("seqprobe.models", "seqprobe.tasks", True),
        ("seqprobe.batch", "seqprobe.checks", False),
        ("seqprobe.tasks", "seqprobe.probes", True),
        ("seqprobe.learning", "seqprobe.figures", False),
        ("seqprobe.tracking", "seqprobe.config", True),
        ("pipelines", "seqprobe.run", False),
        ("seqprobe.run", "hydra_plugins", True),
        ("seqprobe.models", "torch", False),
    ],
)
def test_which_way_is_up(part: str, other: str, refused: bool) -> None:
    assert flows_up(part, other) is refused


def test_every_module_is_in_a_layer() -> None:
    assert {part_of(module_name(path)) for path in FILES} == set().union(*LAYERS)


def test_imports_flow_one_way() -> None:
    wrong = [
        f"{module_name(path)} imports {other}"
        for path in FILES
        for other in sorted(imports_of(path))
        if flows_up(part_of(module_name(path)), part_of(other))
    ]
    assert wrong == []


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_is_known_to_its_owners_alone(library: str) -> None:
    users = {module_name(path) for path in FILES if library in {name.split(".")[0] for name in imports_of(path)}}
    assert {user for user in users if part_of(user) not in OWNERS[library]} == set()
    assert {part_of(user) for user in users} == OWNERS[library], "an owner that does not import it"


def imported_with(module: str) -> set[str]:
    """Every module that is loaded with one of seqprobe's: what it and those that it imports import at their top."""
    paths = {module_name(path): path for path in FILES}
    loaded, waiting = set[str](), [module]
    while waiting:
        name = waiting.pop()
        if name in loaded:
            continue
        loaded.add(name)
        if name in paths:
            waiting += top_imports(paths[name])
            waiting += [".".join(name.split(".")[:end]) for end in range(1, name.count(".") + 1)]
    return loaded


def top_imports(path: Path) -> set[str]:
    """What is imported as soon as a module is."""
    tree = ast.parse(path.read_text())
    tree.body = [node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return set(imported(tree, module_name(path), path.stem == "__init__"))


def test_llvm_is_left_to_trainings_that_compile() -> None:
    assert "llvmlite" not in {name.partition(".")[0] for name in imported_with("seqprobe.run.worker")}
    assert "llvmlite" not in imported_with("seqprobe.models.compiled.compiled_cell")
    assert "llvmlite" in imported_with("seqprobe.models.compiled.machine_passes")


def test_a_sweep_leaves_lightning_to_the_processes_that_train() -> None:
    """Lightning takes a second and 140 MiB, and a sweep's own process trains nothing."""
    loaded = set().union(*map(imported_with, ("seqprobe.run.pool", "seqprobe.commands.sweep_summary")))
    assert {"torch", "seqprobe.learning.experiment", "seqprobe.run.request"} < loaded
    assert "pytorch_lightning" not in loaded
    assert "pytorch_lightning" in imported_with("seqprobe.run.worker")
