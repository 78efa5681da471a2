"""What a network computes at every word."""

from __future__ import annotations

import numpy as np

from seqprobe import figures


def test_concepts_show_trained_beside_untrained() -> None:
    trained, untrained = np.full((2, 1, 3), 0.9), np.full((2, 1, 3), 0.6)
    shown = np.array([[[0.2, 1.3, 0.5]], [[0.4, 0.9, 0.5]]])
    drawing = figures.concepts(
        ["In", "France", ","], ["seenFrance"], [1], trained, untrained, np.array([0.75]), shown, "t"
    )
    panel, read = drawing.axes[0], next(axes for axes in drawing.axes if axes.images)
    lines = {line.get_label(): list(line.get_ydata()) for line in panel.lines}
    assert lines["trained"] == [0.9] * 3
    assert lines["untrained"] == [0.6] * 3
    assert lines["commoner answer"] == [0.75, 0.75]
    np.testing.assert_allclose(read.images[0].get_array()[0], [0.3, 1.0, 0.5])
