"""A chart: panels with one heading, as parts of a page or as an SVG file of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from seqprobe.reports.charts.dot_panel import DotPanel
from seqprobe.reports.charts.line_panel import LinePanel
from seqprobe.reports.charts.panel_frame import WIDTH
from seqprobe.reports.charts.svg_marks import mark_shapes, text
from seqprobe.scoring import LEVEL_LABELS, level_label

ACROSS = 4
"""Most panels in a row of a file."""
GAP = 16
HEAD = 46
"""Pixels above the panels of a file, and between them."""


@dataclass(frozen=True)
class Chart:
    """A chart that is drawn.

    Attributes:
        name: of its file, unique in a task.
        title: what it shows.
        caption: how to read it, which also describes it to those who cannot see it.
        panels: SVG elements.
        legend: the styles of lines and marks that are not named in the panels, and what they stand for.
    """

    name: str
    title: str
    caption: str
    panels: Sequence[str]
    legend: Sequence[tuple[str, str]] = ()

    def file(self) -> str:
        """As an SVG file."""
        rows = [self.panels[start : start + ACROSS] for start in range(0, len(self.panels), ACROSS)]
        y, parts = float(HEAD), [text(0, 16, self.title, "name"), *self._legend()]
        for row in rows:
            for column, panel in enumerate(row):
                size = f'x="{column * (WIDTH + GAP):g}" y="{y:g}" width="{WIDTH:g}" height="{height_of(panel):g}" '
                parts.append(panel.replace("<svg ", f"<svg {size}", 1))
            y += max(map(height_of, row)) + GAP
        wide = max(2, min(len(self.panels), ACROSS)) * (WIDTH + GAP)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:g}" height="{y:g}" viewBox="-8 -4 {wide:g} {y:g}">'
            f"<title>{escape(self.title)}</title><desc>{escape(self.caption)}</desc><style>{style_sheet()}</style>{mark_shapes()}"
            f'<rect class="paper" x="-8" y="-4" width="100%" height="100%"/>{"".join(parts)}</svg>\n'
        )

    def _legend(self) -> list[str]:
        parts, left = [], 0.0
        for style, name in self.legend:
            parts.append(f'<path class="{style}" d="M{left:g} 32h18"/>{text(left + 22, 36, name, "series")}')
            left += 40 + 6.6 * len(name)
        return parts


def style_sheet() -> str:
    """The style of charts, for pages and files."""
    return (Path(__file__).parent / "charts.css").read_text(encoding="utf-8")


def level_styles(panels: Sequence[LinePanel | DotPanel]) -> dict[str, int]:
    """A style for each reference level in panels, by name: the same in every chart for those with a role."""
    names = dict.fromkeys(name for panel in panels for name in (*panel.references, *panel.levels))
    places = {name: level_place(name) for name in names}
    return dict(sorted(places.items(), key=lambda item: item[1]))


def level_place(name: str) -> int:
    """The place among `LEVEL_LABELS` of the level that a name begins with; after them for others."""
    labels = [level_label(role) for role in LEVEL_LABELS]
    return next((place for place, label in enumerate(labels) if name.startswith(label)), len(labels))


def legend_entries(names: Mapping[str, int], levels: Mapping[str, int], kind: str = "") -> list[tuple[str, str]]:
    """What lines and marks stand for: networks by name, in lines of a ``kind``, and reference levels."""
    lines = [(f"line s{style} {kind}".strip(), name) for name, style in names.items()]
    return lines + [(f"level l{style % 4}", name) for name, style in levels.items()]


def height_of(panel: str) -> float:
    """The height of a panel, in pixels."""
    match = re.search(r'viewBox="0 0 \S+ (\S+)"', panel)
    assert match is not None
    return float(match[1])
