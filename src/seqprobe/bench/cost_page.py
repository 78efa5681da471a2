"""The measurements as text and picture: what docs/benchmarks.md shows between its marks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seqprobe import figures
from seqprobe.bench.benchmark import Measurements
from seqprobe.bench.ratios import BARE, COMMON, goals, medians, quantity, rounds_of, spread, times_cheaper
from seqprobe.checks import InvalidValue
from seqprobe.reports.number_format import interval_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
"""The lines of the page between which measurements are written; people write the text around them."""

Table = tuple[list[str], list[list[str]]]
"""Headings and rows."""


def engines(measured: Measurements) -> list[str]:
    """The engines that were measured, what a user gets first."""
    sides = set(measured.frame["side"])
    return [engine for engine in ("auto", "stacked", "looped", "compiled") if engine in sides]


def populations(frame: pd.DataFrame) -> list[int]:
    """The numbers of seeds that engines were measured with."""
    return sorted({int(seeds) for seeds in frame[~frame["side"].isin([COMMON, BARE])]["seeds"]})


def cost_table(measured: Measurements, engine: str) -> Table:
    """Milliseconds per seed and update."""
    counts = populations(measured.frame)
    rows = []
    for shape, frame in measured.frames.items():
        cells = [rounds_of(frame, COMMON, 1), rounds_of(frame, BARE, 1)]
        cells += [rounds_of(frame, engine, seeds) for seeds in counts]
        rows.append([str(shape), *(interval_text(spread(cell)) if len(cell) else "–" for cell in cells)])
    return ["shape", COMMON, BARE, *(f"{engine}, {quantity(seeds)}" for seeds in counts)], rows


def ratio_table(measured: Measurements, engine: str) -> Table:
    """How many times cheaper per seed than the common way an engine is, round by round."""
    counts = populations(measured.frame)
    rows = [
        [str(shape), *(interval_text(times_cheaper(frame, COMMON, engine, seeds)) for seeds in counts)]
        for shape, frame in measured.frames.items()
        if len(rounds_of(frame, COMMON, 1))
    ]
    return ["shape", *map(quantity, counts)], rows


def goal_table(measured: Measurements) -> Table:
    """Goals, what was reached, and whether that is enough."""
    rows = [
        [str(shape), goal.target, interval_text(goal.reached), "yes" if goal.met else "no"]
        for shape, frame in measured.frames.items()
        for goal in goals(frame, shape)
    ]
    return ["shape", "goal", "reached", "met"], rows


def profile_table(measured: Measurements) -> Table:
    """Where the time goes, in percent."""
    names = list(next(iter(measured.profiles.values())))
    rows = [
        [title, *(f"{100 * seconds[name] / sum(seconds.values()):.0f} %" for name in names)]
        for title, seconds in measured.profiles.items()
    ]
    return ["shape", *names], rows


def floor_table(measured: Measurements) -> Table:
    """Each shape's arithmetic, and how many times that the cheapest measurement takes."""
    rows = []
    for shape, floor in measured.floors.items():
        costs = medians(measured.frames[shape])
        (side, seeds), least = min(costs.items(), key=lambda item: item[1])
        of = side if side in (COMMON, BARE) else f"{side}, {quantity(seeds)}"
        rows.append([str(shape), f"{floor:.3g}", f"{least:.3g}", of, f"{least / floor:.1f}x"])
    return ["shape", "arithmetic, ms", "cheapest, ms", "measured with", "ratio"], rows


def tables(measured: Measurements) -> dict[str, Table]:
    """Every table under its heading."""
    shown = engines(measured)
    result = {
        f"Times cheaper per seed than Lightning with one seed, engine {shown[0]}": ratio_table(measured, shown[0])
    }
    result["Goals"] = goal_table(measured)
    result |= {f"Milliseconds per seed and update, engine {engine}": cost_table(measured, engine) for engine in shown}
    if measured.profiles:
        result["Where the time goes"] = profile_table(measured)
    if measured.floors:
        result["How far from the arithmetic floor"] = floor_table(measured)
    return {heading: table for heading, table in result.items() if table[1]}


def markdown_table(table: Table) -> str:
    """A table in markdown."""
    headings, rows = table
    return "\n".join("| " + " | ".join(line) + " |" for line in [headings, ["---"] * len(headings), *rows])


def page_text(measured: Measurements, picture: str | None, command: str) -> str:
    """Everything in markdown; ``picture`` is the figure's address, ``command`` what measured it."""
    rounds = measured.frame["round"].nunique()
    source = f"Measured by `{command}` on {measured.machine}. Medians of {quantity(rounds, 'round')} [least, greatest]."
    shown = [f"![Cost per seed against the number of seeds]({picture})"] if picture else []
    return "\n\n".join(
        [source, *shown, *(f"### {name}\n\n{markdown_table(table)}" for name, table in tables(measured).items())]
    )


def cost_figure(measured: Measurements) -> Figure:
    """Cost per seed against the number of seeds, a panel per shape."""
    panels = []
    for shape, frame in measured.frames.items():
        counts = populations(frame)
        costs = {
            engine: np.stack([rounds_of(frame, engine, seeds) for seeds in counts])
            for engine in reversed(engines(measured))
        }
        rivals = [side for side in (COMMON, BARE) if len(rounds_of(frame, side, 1))]
        levels = {side: float(np.median(rounds_of(frame, side, 1))) for side in rivals}
        if shape in measured.floors:
            levels["arithmetic"] = measured.floors[shape]
        panels.append(figures.CostPanel(str(shape), np.array(counts), costs, levels))
    return figures.cost_per_seed(panels, f"What a seed costs, on {measured.machine}")


def replace_measured_part(page: Path, words: str, begin: str = BEGIN, end: str = END) -> None:
    """Replace what stands between two marks of a page.

    Raises:
        InvalidValue: the page has no such marks.
    """
    content = page.read_text()
    before, after = content.split(begin)[0], content.split(end)[1]
    page.write_text(f"{before}{begin}\n\n{words}\n\n{end}{after}")


def check_page(page: Path, key: str = "page") -> None:
    """Refuse a page that `replace_measured_part` could not fill.

    Raises:
        InvalidValue: there is no such file, or it has no marks.
    """
    if not page.is_file():
        raise InvalidValue(key, page, "must be a file, or null")
    content = page.read_text()
    if content.count(BEGIN) != 1 or content.count(END) != 1 or content.index(BEGIN) > content.index(END):
        raise InvalidValue(key, page, f"must have the lines {BEGIN} and {END}, once each")
