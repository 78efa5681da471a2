"""A step of an LSTM at a word: the word is marked, and every number is the median of the members."""

from __future__ import annotations

import numpy as np

from seqprobe.figures import gate_step

GATE = np.array([[0.1, 0.9], [0.2, 0.8], [0.9, 0.7]])
STATE = np.array([[-3.0, 2.0], [-1.0, 2.5], [-2.0, 3.0]])
EXPECTED = np.array([[0.5, 0.2], [0.6, 0.1], [0.7, 0.3]])


def test_numbers_are_medians_and_the_word_is_marked() -> None:
    drawing = gate_step(
        ["In", "France", ","],
        1,
        ["seenFrance", "eating"],
        {"input gate": GATE, "cell after": STATE},
        {"expected after “In”": (["France", "Italy"], EXPECTED)},
        "The input phase",
        "how to read it",
    )
    fields, expected = drawing.axes
    numbers = [text.get_text().strip() for text in fields.texts]
    assert numbers == ["0.20", "0.10 … 0.90", "0.80", "0.70 … 0.90", "-2.00", "-3.00 … -1.00", "2.50", "2.00 … 3.00"]
    assert [label.get_text() for label in fields.get_yticklabels()] == ["seenFrance", "eating"]
    assert [bar.get_width() for bar in expected.patches] == [0.6, 0.2]
    assert [text.get_text() for text in expected.texts] == ["0.60", "0.20"]
    bold = [text.get_text() for text in drawing.texts if text.get_fontweight() == "bold"]
    assert "France" in bold
    assert "In" not in bold
    assert "at “France”" in drawing.get_suptitle()
