"""Sequences of the training set."""

from __future__ import annotations

import numpy as np

from seqprobe import figures


def test_examples_are_coloured_by_their_target() -> None:
    x, inputs = np.linspace(0, 1, 4), np.arange(8.0).reshape(2, 4)
    drawing = figures.examples(x, "x", inputs, np.array([[0.0], [1.0]]), ["amplitude"], "title")
    first, second = drawing.axes[0].lines
    assert first.get_ydata().tolist() == [0, 1, 2, 3]
    assert first.get_color() is not second.get_color()
    assert drawing.axes[1].get_ylabel() == "amplitude (target)"
    assert len(figures.examples(x, "x", inputs, None, ["y"], "title").axes) == 1
