"""Formulas as a figure."""

from __future__ import annotations

from seqprobe import figures


def test_equations_are_written_in_order() -> None:
    drawing = figures.equations({r"h_t = o_t \tanh(c_t)": "hidden state", "y = x": "output"}, "title")
    assert [text.get_text() for text in drawing.axes[0].texts] == [
        r"$h_t = o_t \tanh(c_t)$",
        "hidden state",
        "$y = x$",
        "output",
    ]
