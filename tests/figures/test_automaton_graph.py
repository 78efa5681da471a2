"""Extracted automata."""

from __future__ import annotations

from seqprobe import figures
from seqprobe.figures import Machine


def test_automata_say_what_leads_where() -> None:
    machine = Machine(["a", "b"], [(0, 1, "x / 0", False), (1, 0, "y / 1", True), (0, 0, "y / 0", False)], "caption")
    many = Machine([f"q{i}" for i in range(9)], [], "many")
    drawing = figures.automata([machine, many], "title", others=3)
    written = {text.get_text() for text in drawing.axes[0].texts}
    assert {"a", "b", "x / 0", "y / 1", "y / 0"} <= written
    assert "9 states, too many to draw" in drawing.axes[1].texts[0].get_text()
    assert "3 more seeds" in drawing.get_supxlabel()
