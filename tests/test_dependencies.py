"""`pyproject.toml` admits what was tried and later minor versions; every interpreter that can be called is tried."""

from __future__ import annotations

import re
import subprocess
import tomllib

import pytest
from scripts import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ADMITTED = [re.fullmatch(r"([\w.-]+)>=([\d.]+),<(\d+)", dependency) for dependency in PROJECT["dependencies"]]


def numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@pytest.fixture(scope="module")
def locked() -> dict[str, list[str]]:
    """The versions in the lock, by package; some have others for later interpreters."""
    versions: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([\d.]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE):
        versions.setdefault(name, []).append(version)
    return versions


def test_no_version_below_those_that_were_tried_is_admitted_and_no_major_one_above(
    locked: dict[str, list[str]],
) -> None:
    assert len(ADMITTED) == len(PROJECT["dependencies"]) >= 20
    for dependency in ADMITTED:
        assert dependency is not None
        name, least, below = dependency.groups()
        assert least == min(locked[name], key=numbers), name
        assert int(below) == numbers(max(locked[name], key=numbers))[0] + 1, name


def call_make(*pythons: str) -> subprocess.CompletedProcess[str]:
    """What ``make test-pythons`` does, with a command that only prints in the place of make's own calls."""
    command = ["make", "--silent", "test-pythons", f"PYTHONS={' '.join(pythons)}", "MAKE=echo"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_every_interpreter_that_can_be_called_has_an_environment_of_its_own() -> None:
    done = call_make("python0.1", "python3", "/usr/bin/env")
    assert done.stdout.splitlines() == [
        "python0.1: not found",
        "--no-print-directory test-fast PYTHON=python3 VENV=.venv-python3",
        "/usr/bin/env: not found",
        "Tested with: python3",
    ]
    assert done.returncode == 0


def test_no_interpreter_at_all_is_a_failure() -> None:
    done = call_make("python0.1")
    assert done.stdout.splitlines() == ["python0.1: not found", "Tested with: nothing"]
    assert done.returncode == 2


def test_the_documented_interpreters_are_tried() -> None:
    (line,) = re.findall(r"^PYTHONS \?= (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert line.split()[0] == f"python{PROJECT['requires-python'].removeprefix('>=')}"
