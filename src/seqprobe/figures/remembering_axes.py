"""Axes that remember their ticks while a figure is drawn, and copy them instead of making each anew.

To lay out a figure and draw it, Matplotlib computes the ticks of every axis and the boxes of their labels a dozen
times, which takes more than half of the time; they change only when the axis moves or its limits do. A tick consists of
three lines and two texts, and making them takes most of what remains.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Tick, XAxis, YAxis
from matplotlib.figure import Figure


class TickMemory:
    """An axis that keeps what it computed last, and whose ticks are copies of its first one.

    Attributes:
        memory: where it was and what its limits were, its ticks, and the boxes of their labels; None: it keeps nothing.
    """

    axes: Any
    memory: list[Any] | None = None

    def _get_tick(self, major: bool) -> Tick:
        made = vars(self).get("majorTicks" if major else "minorTicks")
        if made:
            return copy_of_tick(made[0])
        tick: Tick = super()._get_tick(major)  # type: ignore[misc]  # matplotlib's stubs leave it out
        return tick

    def _copy_tick_props(self, src: Tick, dest: Tick) -> None:
        """Copy nothing: a tick is made as a copy of the first one."""

    def _update_ticks(self) -> Any:
        if self.memory is None:
            return super()._update_ticks()  # type: ignore[misc]  # matplotlib's stubs leave it out
        view: Any = self.get_view_interval()  # type: ignore[attr-defined]  # every Axis has it
        drawing = self.axes.get_figure(root=True)
        state = (self.axes.bbox.bounds, drawing.dpi, *view)
        if self.memory[:1] != [state]:
            self.memory[:] = [state, super()._update_ticks(), None]  # type: ignore[misc]  # as above
        return self.memory[1]

    def _get_ticklabel_bboxes(self, ticks: Any, renderer: Any) -> Any:
        if not self.memory or ticks is not self.memory[1]:
            return super()._get_ticklabel_bboxes(ticks, renderer)  # type: ignore[misc]  # as above
        if self.memory[2] is None:
            self.memory[2] = super()._get_ticklabel_bboxes(ticks, renderer)  # type: ignore[misc]  # as above
        return self.memory[2]


def copy_of_tick(tick: Tick) -> Tick:
    """A tick that looks like another, and can be moved without it."""
    copied = copy.copy(tick)
    for name in ("tick1line", "tick2line", "gridline", "label1", "label2"):
        setattr(copied, name, copy.copy(getattr(tick, name)))
    for label in (copied.label1, copied.label2):
        label.set_fontproperties(label.get_fontproperties().copy())
    return copied


class RememberingX(TickMemory, XAxis):
    """An x axis that can keep its ticks."""


class RememberingY(TickMemory, YAxis):
    """A y axis that can keep its ticks."""


class RememberingAxes(Axes):
    """Axes that can keep their ticks, and their limits.

    Attributes:
        is_settled: whether the limits are known, and nothing changes them.
    """

    is_settled = False

    def _unstale_viewLim(self) -> None:  # noqa: N802  Matplotlib's name
        if not self.is_settled:
            super()._unstale_viewLim()  # type: ignore[misc]  # matplotlib's stubs leave it out

    def _init_axis(self) -> None:
        self.xaxis = RememberingX(self, clear=False)
        self.yaxis = RememberingY(self, clear=False)
        for side, axis in (("bottom", self.xaxis), ("top", self.xaxis), ("left", self.yaxis), ("right", self.yaxis)):
            self.spines[side].register_axis(axis)


class RememberingFigure(Figure):
    """A figure whose panels can keep their ticks."""

    def add_subplot(self, *args: Any, **kwargs: Any) -> Axes:
        return add_panel(super(), *args, **kwargs)


def add_panel(part: Any, *args: Any, **kwargs: Any) -> Axes:
    """A panel of a figure, or of a part of one, that can keep its ticks; arguments are those of ``add_subplot``."""
    panel: Axes = part.add_subplot(*args, **{"axes_class": RememberingAxes, **kwargs})
    return panel


@contextmanager
def remembered_ticks(figure: Figure) -> Iterator[None]:
    """Let the axes of a figure keep their ticks during the block, in which nothing but the layout changes them."""
    panels = [panel for panel in figure.axes if isinstance(panel, RememberingAxes)]
    axes = [axis for panel in panels for axis in (panel.xaxis, panel.yaxis) if isinstance(axis, TickMemory)]
    for axis in axes:
        axis.memory = []
    for panel in panels:
        panel._unstale_viewLim()
        panel.is_settled = True
    try:
        yield
    finally:
        for axis in axes:
            axis.memory = None
        for panel in panels:
            panel.is_settled = False
