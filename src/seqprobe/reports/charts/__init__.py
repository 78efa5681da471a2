"""Charts of the comparison page: arrays in, SVG out, in a millisecond and a few kilobytes each.

Matplotlib needs half a second for a figure with panels, and its SVG neither follows a theme nor keeps its letters
legible on a phone: here every panel is an SVG of its own size, which the page arranges.
"""

from seqprobe.reports.charts.chart import Chart
from seqprobe.reports.charts.chart_axis import Axis
from seqprobe.reports.charts.dot_panel import Dot, DotPanel
from seqprobe.reports.charts.heat_panel import HeatPanel
from seqprobe.reports.charts.line_panel import LinePanel

__all__ = ["Axis", "Chart", "Dot", "DotPanel", "HeatPanel", "LinePanel"]
