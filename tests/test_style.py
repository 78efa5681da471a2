"""Rules of the house that a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
from scripts import ROOT

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


def test_every_module_opens_with_its_purpose() -> None:
    assert [str(path) for path in FILES if not ast.get_docstring(ast.parse(path.read_text()))] == []


def test_the_lock_pins_everything_and_serves_machines_without_a_gpu() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pins = [line for line in lines if line.strip() and not line.lstrip().startswith(("#", "--hash"))]
    assert [line for line in lines if "://" in line or "@ file" in line] == []
    assert [line for line in pins if not re.match(r"[A-Za-z0-9_.-]+(\[[\w,-]+\])?==\S+", line)] == []
    assert [line for line in pins if re.match(r"(cuda|nvidia|triton)\b", line)] == []
    assert {"torch", "mlflow", "pytest", "ruff", "mypy"} <= {re.split(r"[=\[]", line)[0] for line in pins}


def test_the_readmes_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][\w-]*):", makefile, re.MULTILINE))
    wanted = set(re.findall(r"(?:`|^)make ([a-z][\w-]*)", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert {"sweep", "test", "ui"} <= wanted <= targets
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == targets
