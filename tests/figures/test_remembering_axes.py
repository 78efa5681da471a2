from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.axis import Tick
from matplotlib.figure import Figure

from seqprobe.figures.gif import cover_of, looping_gif
from seqprobe.figures.remembering_axes import RememberingAxes, RememberingFigure, add_panel
from seqprobe.figures.style import dress, rendered

Drawn = np.ndarray[Any, np.dtype[np.uint8]]


def drawn(kind: type[Figure]) -> Drawn:
    """Two panels on common axes with a logarithmic one, a legend and labels of different widths."""
    drawing = kind(figsize=(6, 3), layout="constrained")
    first = drawing.add_subplot(1, 3, 1)
    second = drawing.add_subplot(1, 3, 2, sharex=first, sharey=first)
    third = drawing.add_subplot(1, 3, 3)
    for panel in (first, second, third):
        dress(panel)
        panel.set(xlabel="x", ylabel="y", title="title")
        panel.plot([0, 1, 700], [1e-3, 0.2, 1234.5], label="line")
    third.set_yscale("log")
    third.tick_params(axis="x", labelrotation=45, labelsize=7)
    third.legend()
    return np.asarray(rendered(drawing))


def test_copied_ticks_are_drawn_as_those_that_matplotlib_makes() -> None:
    np.testing.assert_array_equal(drawn(RememberingFigure), drawn(Figure))


def drawn_in_parts(kind: type[Figure], **options: Any) -> Drawn:
    """Two panels above one that has a bar of colours."""
    drawing = kind(figsize=(5, 4), layout="constrained")
    halves: Any = drawing.subfigures(2, 1)
    for place in (1, 2):
        panel = add_panel(halves[0], 1, 2, place, **options)
        dress(panel)
        panel.plot([0, 1, 700], [1e-3, 0.2, 1234.5])
    field = add_panel(halves[1], **options)
    halves[1].colorbar(field.imshow(np.eye(3)), ax=field)
    assert all(isinstance(panel, options.get("axes_class", RememberingAxes)) for panel in drawing.axes[:3])
    return np.asarray(rendered(drawing))


def test_panels_of_a_figure_s_parts_are_drawn_as_matplotlib_draws_them() -> None:
    np.testing.assert_array_equal(drawn_in_parts(RememberingFigure), drawn_in_parts(Figure, axes_class=Axes))


def test_an_axis_makes_its_first_ticks_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    made = list[bool]()
    make = Tick.__init__

    def counted(tick: Tick, *args: Any, **kwargs: Any) -> None:
        made.append(kwargs["major"])
        make(tick, *args, **kwargs)

    monkeypatch.setattr(Tick, "__init__", counted)
    drawing = RememberingFigure(figsize=(4, 3), layout="constrained")
    axes = drawing.add_subplot()
    axes.plot([0, 1], [0, 1])
    rendered(drawing)
    assert len(axes.get_xticklabels()) > 4
    assert made.count(True) == made.count(False) == 2


def test_a_copied_tick_is_changed_alone() -> None:
    axes = RememberingFigure(figsize=(4, 3)).add_subplot()
    axes.set_xticks([0, 1, 2])
    first, second, _ = axes.get_xticklabels()
    second.set_fontsize(20)
    assert (first.get_fontsize(), second.get_fontsize()) == (10, 20)


def test_what_covers_moving_artists_is_drawn_once() -> None:
    drawing = RememberingFigure(figsize=(2, 1), dpi=50)
    axes = drawing.add_axes((0, 0, 1, 1))
    image = axes.imshow(np.zeros((1, 2)), vmin=0, vmax=1, aspect="auto")
    text, drawn_texts = axes.text(0, 0, "x"), list[str]()
    draw = text.draw
    text.draw = lambda renderer: (drawn_texts.append("x"), draw(renderer))[1]  # type: ignore[method-assign]  # to count
    gif = looping_gif(drawing, [image], lambda k: image.set_data([[k / 9, 0]]), 10, above=[text])
    assert gif[:4] == b"GIF8"
    assert drawn_texts == ["x"]


def test_a_cover_is_transparent_but_for_its_artists() -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    drawing = RememberingFigure(figsize=(2, 1), dpi=50)
    text = drawing.text(0.0, 0.0, "x", bbox={"facecolor": "red", "alpha": 0.5, "linewidth": 0, "pad": 30})
    canvas = FigureCanvasAgg(drawing)
    canvas.draw()
    cover = np.asarray(cover_of(drawing, canvas, [text]))
    assert cover[0, -1].tolist()[3] == 0
    assert cover[-25, 5].tolist() == pytest.approx([255, 0, 0, 128], abs=2)
