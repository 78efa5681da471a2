"""Hidden states in the plane of their principal components."""

from __future__ import annotations

import numpy as np

from seqprobe import figures
from seqprobe.figures.hidden_states import principal


def test_principal_components_are_ordered_and_centred() -> None:
    points = np.array([[0.0, 0.0, 1.0], [4.0, 0.0, 1.0], [0.0, 1.0, 1.0], [4.0, 1.0, 1.0]])
    found = principal(points)
    np.testing.assert_allclose(np.abs(found), [[2, 0.5]] * 4, atol=1e-12)
    np.testing.assert_allclose(found.mean(0), 0, atol=1e-12)
    assert principal(np.array([[1.0], [3.0]])).tolist() in ([[-1, 0], [1, 0]], [[1, 0], [-1, 0]])


def test_hidden_states_have_their_words_above_the_points() -> None:
    hidden, states = np.arange(24.0).reshape(2, 4, 3), np.array([[0, 1, 0, 1]] * 2)
    drawing = figures.hidden_states(hidden, states, ["locked", "open"], np.array([[1, 0.5], [0.75, 0.5]]), "t")
    assert [axes.get_title(loc="right") for axes in drawing.axes] == [
        "readable 100%, untrained 50%",
        "readable 75%, untrained 50%",
    ]
    assert not any(axes.texts or axes.get_legend() for axes in drawing.axes)
    assert [text.get_text() for text in drawing.legends[0].get_texts()] == ["locked", "open"]
