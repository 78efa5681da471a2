"""The examples on docs/python.md run as they stand, one after the other, as a notebook's cells do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from documents import blocks

pytest.importorskip("onnx", reason="the extra seqprobe[onnx] is not installed")
pytestmark = pytest.mark.slow
OPENING = """
import functools
import numpy as np
import seqprobe

original, wave = seqprobe.train, np.zeros((100, 1))

def train(*arguments, overrides, **settings):
    steps = [text for text in overrides if "max_steps" not in text] + ["trainer.max_steps=4"]
    return original(*arguments, overrides=steps, store="store", **settings)

seqprobe.train, seqprobe.load = train, functools.partial(seqprobe.load, store="store")
"""
"""Trainings are short, and in a store of their own."""


def test_every_example_runs(tmp_path: Path) -> None:
    examples = blocks("docs/python.md", "python")
    assert len(examples) == 3
    script = tmp_path / "notebook.py"
    script.write_text("\n".join([OPENING, *examples]))
    done = subprocess.run([sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "amplitude.onnx").stat().st_size > 1000
