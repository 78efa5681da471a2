"""Triton where it is no part of the environment: torch imports it wherever it finds it, which takes 0.3 seconds."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from seqprobe.models.compiled import compiled_cell

FOLDER = Path(sys.prefix) / "triton"
"""Where ``make test-slow`` installs it."""
MISSING = "the package triton is not installed; make test-slow installs it"


def has_triton() -> bool:
    return FOLDER.exists() or importlib.util.find_spec("triton") is not None


def interpret_kernels(patch: pytest.MonkeyPatch) -> None:
    """Let the CPU compute with the kernels of a GPU, in Triton's interpreter."""
    if not has_triton():
        pytest.skip(MISSING)
    patch.setenv("TRITON_INTERPRET", "1")
    patch.syspath_prepend(FOLDER)
    import triton
    from triton.runtime.interpreter import InterpretedFunction

    if not isinstance(triton.language.sum, InterpretedFunction):
        pytest.skip("triton was imported before its interpreter was chosen; set TRITON_INTERPRET=1")
    patch.setitem(compiled_cell.PASSES, "cpu", compiled_cell.PASSES["cuda"])


def environment() -> dict[str, str]:
    """For a process that imports Triton as on a GPU."""
    others = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    path = os.pathsep.join(filter(None, [str(FOLDER), str(Path(__file__).parent), others.get("PYTHONPATH", "")]))
    return others | {"PYTHONPATH": path}
