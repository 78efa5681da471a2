"""Rules of the house that a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from scripts import ROOT

PACKAGE = ROOT / "src/seqprobe"
FILES = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "pipelines").glob("*.py"), *(ROOT / "docs").rglob("*.py")])
VAGUE = {"utils", "util", "misc", "helpers", "helper", "constants", "common"}
# A path that starts at a machine's root, not one below something (${tracking.dir}/work).
MACHINE_PATH = re.compile(r"(?<![\w}.>~)])/(?:home|work|root)/")
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|download\.pytorch\.org|anaconda\.org|npmjs\.org|proxy\.golang\.org"
    r"|docker\.io|ghcr\.io|nvcr\.io|index-url\s*[=:]?\s*http",
    re.IGNORECASE,
)


def tracked() -> list[Path]:
    """Every file of the repository."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts() -> dict[str, str]:
    """The text files of the repository by their path."""
    found = {}
    for path in tracked():
        try:
            found[str(path.relative_to(ROOT))] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:  # a picture
            continue
    return found


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("/" + "home/someone/x", True),
        ("'/" + "work/main'", True),
        ("${tracking.dir}/work/multirun", False),
        ("mlruns/work/1234", False),
        ("~/work/x", False),
    ],
)
def test_what_counts_as_a_machine_path(line: str, found: bool) -> None:
    assert (MACHINE_PATH.search(line) is not None) is found


def test_no_file_knows_one_machine() -> None:
    assert lines_with(MACHINE_PATH) == []


def test_no_file_names_a_registry() -> None:
    assert lines_with(REGISTRY) == []


def test_a_thing_lives_with_its_subject() -> None:
    assert [path for path in tracked() if path.suffix == ".py" and path.stem.strip("_") in VAGUE] == []
    assert [path for path in FILES if VAGUE & set(path.parts)] == []


def test_a_file_has_one_subject() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in FILES}
    assert {name: lines for name, lines in long.items() if lines >= 200} == {}


def repeated(named: Iterable[tuple[str, Path]]) -> dict[str, list[str]]:
    """Names that stand in more than one file, with these."""
    places: dict[str, list[str]] = {}
    for name, path in named:
        places.setdefault(name, []).append(str(path.relative_to(ROOT)))
    return {name: files for name, files in places.items() if len(files) > 1}


def public_classes(path: Path) -> list[str]:
    """The classes that a file's top level defines for others."""
    return [
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]


def test_a_name_stands_in_one_file() -> None:
    """One word, one thing: a newcomer who looks for a file or a class meets one."""
    package = [path for path in FILES if PACKAGE in path.parents]
    assert repeated((path.stem, path) for path in package if not path.stem.startswith("__")) == {}
    assert repeated((name, path) for path in package for name in public_classes(path)) == {}


def test_nothing_is_kept_from_the_formatter() -> None:
    assert lines_with(re.compile("# fmt: " + "(skip|off)")) == []


def sleeps(path: Path) -> list[str]:
    """Where a file calls a function that waits for a fixed time."""
    return [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("sleep", "wait_for_timeout")
    ]


def test_tests_wait_for_conditions_and_never_for_a_time() -> None:
    waiting = ROOT / "tests/waiting.py"
    assert len(sleeps(waiting)) == 1
    assert [place for path in (ROOT / "tests").rglob("*.py") if path != waiting for place in sleeps(path)] == []


def test_every_module_opens_with_its_purpose() -> None:
    assert [str(path) for path in FILES if not ast.get_docstring(ast.parse(path.read_text()))] == []


@pytest.mark.parametrize(
    ("lock", "needed"),
    [
        ("requirements.lock", {"torch", "mlflow", "pytest", "ruff", "mypy"}),
        ("requirements-docs.lock", {"sphinx", "myst-nb", "pydata-sphinx-theme"}),
        ("requirements-onnx.lock", {"onnx", "onnxruntime"}),
        ("requirements-ray.lock", {"ray"}),
        ("requirements-server.lock", {"psycopg", "psycopg-binary"}),
        ("requirements-slurm.lock", {"submitit"}),
        ("requirements-triton.lock", {"triton"}),
    ],
)
def test_a_lock_pins_everything_and_serves_machines_without_a_gpu(lock: str, needed: set[str]) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    pins = [line for line in lines if line.strip() and not line.lstrip().startswith(("#", "--hash"))]
    assert [line for line in lines if "://" in line or "@ file" in line] == []
    assert [line for line in pins if not re.match(r"[A-Za-z0-9_.-]+(\[[\w,-]+\])?==\S+", line)] == []
    names = {re.split(r"[=\[]", line)[0] for line in pins}
    assert {name for name in names - needed if re.match(r"(cuda|nvidia|triton)\b", name)} == set()
    assert needed <= names


def test_clean_removes_what_is_built() -> None:
    recipe = re.search(r"^clean:\n\trm -rf (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe is not None
    assert {"build", "dist", "docs/_build"} <= set(recipe[1].split())


def test_the_readmes_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", "")
    targets = set(re.findall(r"^([a-z][\w-]*):", makefile, re.MULTILINE))
    wanted = set(re.findall(r"(?:`|^)make ([a-z][\w-]*)", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert {"sweep", "test", "ui"} <= wanted <= targets
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == targets
