"""What an inverse task's network learned, over the function."""

from __future__ import annotations

import numpy as np

from seqprobe import figures


def test_the_grid_lies_over_the_function() -> None:
    z, values = np.linspace(0, 10, 5), np.array([3.0, 1.0, 2.0, 4.0, 0.5])
    predictions = np.stack([[z + 1, z], [z + 3, z]])
    drawing = figures.inverse_grid(z, values, predictions, np.stack([z, z]), ["2 inputs", "3 inputs"], "title")
    first = {line.get_label(): line for line in drawing.axes[0].lines}
    assert first["truth"].get_xdata().tolist() == values.tolist()
    assert first["truth"].get_ydata().tolist() == z.tolist()
    assert first["prediction"].get_ydata().tolist() == (z + 2).tolist()
    assert drawing.axes[1].get_xlabel() == "first input f(z), of 3 inputs"


def test_information_marks_every_answer_to_one_value() -> None:
    wide = np.linspace(0, 10, 400)
    values = np.sin(wide)
    drawing = figures.information(
        wide[::20], wide, values, 6.6, np.array([0.1, 0.2]), [np.eye(20), np.eye(20)], np.array([1.0, 0.5]), "title"
    )
    titles = [axes.get_title() for axes in drawing.axes]
    assert "one value, 4 answers" in titles  # sin takes small positive values four times up to 10
    assert "distance between questions of 2 inputs" in titles
    assert drawing.get_supxlabel().endswith("different z with almost the same question")
