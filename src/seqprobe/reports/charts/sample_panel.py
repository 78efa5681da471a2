"""A panel of thin lines: a few of the sequences that training draws from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqprobe.figures.member_statistics import Array, drawable_numbers
from seqprobe.reports.charts.chart import Chart
from seqprobe.reports.charts.chart_axis import Axis
from seqprobe.reports.charts.line_panel import position_axis
from seqprobe.reports.charts.panel_frame import Frame, axis_ticks
from seqprobe.reports.charts.panel_rows import Labels
from seqprobe.reports.charts.svg_marks import path


def sample_chart(lines: Sequence[tuple[Array, Array]], labels: Labels) -> Chart:
    """Lines ``(n,)`` over ``(n,)`` in one panel."""
    x = position_axis(drawable_numbers(np.concatenate([x for x, _ in lines])))
    values = drawable_numbers(np.concatenate([y for _, y in lines]))
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    margin = 0.06 * ((high - low) or 1.0)
    y = Axis(low - margin, high + margin)
    frame = Frame("", labels.x, labels.y, axis_ticks(x), axis_ticks(y))
    drawn = [path(frame.across(x, at), frame.down(y, line), "sample") for at, line in lines]
    return Chart(labels.name, labels.title, labels.caption, [frame.around(drawn)])
