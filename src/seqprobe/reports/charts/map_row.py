"""The chart of a score over two varied values: a heat map for each network, on one colour scale."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from seqprobe.figures.member_statistics import finite_members, median
from seqprobe.reports.charts.chart import Chart
from seqprobe.reports.charts.heat_panel import HeatPanel, color_axis
from seqprobe.reports.charts.panel_rows import Labels


def map_chart(tables: Mapping[str, pd.DataFrame], labels: Labels) -> Chart:
    """A panel for each table; columns x_name, y_name, x, y, x_low, x_high, y_low, y_high, metric, score, by seed."""
    first = next(iter(tables.values()))
    one = first.iloc[0]
    x, y = np.sort(first["x"].unique()), np.sort(first["y"].unique())
    box = ((float(one["x_low"]), float(one["x_high"])), (float(one["y_low"]), float(one["y_high"])))
    medians = {
        name: median(finite_members(table["score"].to_numpy(dtype=float).reshape(-1, len(y), len(x))))
        for name, table in tables.items()
    }
    color = color_axis(np.stack(list(medians.values())))
    panels = [
        HeatPanel(name, x, y, scores, box).draw(color, str(one["x_name"]), str(one["y_name"]), str(one["metric"]))
        for name, scores in medians.items()
    ]
    how = ", colours logarithmic" if color.kind == "log" else ""
    caption = f"Colour: median {one['metric']} of the seeds{how}; outline: what training covered.{labels.caption}"
    return Chart(labels.name, labels.title, caption, panels)
