"""How a series of a model looks: a reader should know a model by the same colour, dashes and mark in every figure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqprobe.figures.style import COLORS

FAMILIES: Mapping[str, Sequence[str]] = {
    "lstm": ("lstm",),
    "rnn": ("rnn", "tanh rnn"),
    "gru": ("gru",),
    "lstm_graves": ("lstm_graves", "graves's lstm"),
    "lstm_peephole": ("lstm_peephole",),
    "lstm2": ("lstm2",),
    "mlp": ("mlp",),
    "relu_rnn": ("relu_rnn", "relu rnn"),
}
"""The models that have a style of their own, and how their series' names may begin, in lower case."""
DASHES: tuple[Any, ...] = (
    "-",
    (0, (5, 1.5)),
    (0, (3, 1, 1, 1)),
    (0, (1.5, 1)),
    (0, (7, 1.5, 1.5, 1.5)),
    (0, (9, 2)),
    (0, (2, 2)),
    (0, (4, 1, 1, 1, 1, 1)),
)
"""A dash pattern for each of `COLORS`, so that no one needs its colour to know it, on grey paper for instance."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")


@dataclass(frozen=True)
class SeriesStyle:
    """A colour, a dash pattern and a mark."""

    color: str
    dashes: Any
    marker: str


def series_styles(names: Sequence[str]) -> dict[str, SeriesStyle]:
    """The style of each series of a figure, all different up to eight; a model's is the same in every figure."""
    return {
        name: SeriesStyle(COLORS[place], DASHES[place], MARKERS[place]) for name, place in style_places(names).items()
    }


def style_places(names: Sequence[str]) -> dict[str, int]:
    """The place of each series' style in `COLORS`, `DASHES` and `MARKERS`.

    A series is of the model that its name begins with: ``gru``, ``gru · lag=20`` or ``GRU, 16 units``. A second series
    of a model, and one of no known model, gets a style that no known model in the figure has.
    """
    order, places = list(FAMILIES), dict[str, int]()
    for name in names:
        model = family(name)
        if model is not None and order.index(model) not in places.values():
            places[name] = order.index(model)
    free = [place for place in reversed(range(len(COLORS))) if place not in places.values()] or [0]
    for index, name in enumerate(name for name in names if name not in places):
        places[name] = free[index % len(free)]
    return {name: places[name] for name in names}


def family(name: str) -> str | None:
    """The model whose series has this name, or None for a model that has no style of its own."""
    lowered = name.lower()
    return next(
        (
            model
            for model, beginnings in FAMILIES.items()
            if any(re.match(rf"{re.escape(beginning)}(?!\w)", lowered) for beginning in beginnings)
        ),
        None,
    )
