"""Probabilities of next words."""

from __future__ import annotations

import numpy as np

from seqprobe import figures


def test_beliefs_stand_beside_the_grammars_own() -> None:
    believed = np.array([[0.2, 1.0], [0.4, 0.8], [np.nan, np.nan]])
    drawing = figures.beliefs(["a … b", "c … d"], believed, np.array([0.25, 1.0]), "title")
    lines = {line.get_label(): line.get_xdata() for line in drawing.axes[0].lines}
    np.testing.assert_allclose(lines["median"], [0.3, 0.9])
    np.testing.assert_allclose(lines["the grammar's own"], [0.25, 1])
    assert [text.get_text() for text in drawing.axes[0].texts] == ["0.300", "0.900"]


def test_contrasts_show_what_is_possible() -> None:
    drawing = figures.contrasts(
        ["seen", "new"], {"loss": np.array([[1.0, 2.0], [2.0, 4.0]])}, {"loss": np.array([0.5, 0.6])}, "t"
    )
    lines = {line.get_label(): line.get_ydata() for line in drawing.axes[0].lines}
    assert lines["members"].tolist() == [1.5, 3]
    assert lines["best possible"].tolist() == [0.5, 0.6]
