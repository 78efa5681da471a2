"""Costs that the page of benchmarks keeps, and what has become slower since then."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqprobe.bench.benchmark import Measurements
from seqprobe.bench.cost_page import Table, check_page
from seqprobe.bench.ratios import BARE, rounds_of, spread
from seqprobe.checks import InvalidValue
from seqprobe.reports.number_format import interval_text
from seqprobe.reports.statistics import Interval

SLOWER = 1.15
"""How many times its kept cost something may take, by the median of rounds, before it is named."""

Costs = Mapping[tuple[str, str, int], float]
"""Median milliseconds by shape, side and number of seeds."""


def kept_costs(page: Path) -> Costs:
    """The costs in the tables of a page that `make bench` wrote.

    Raises:
        InvalidValue: there is no such page, or it has no such tables.
    """
    check_page(page, "against")
    costs: dict[tuple[str, str, int], float] = {}
    sides: list[tuple[str, int]] = []
    for line in page.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if cells[0] == "shape":
            sides = [side for side in map(side_and_seeds, cells[1:]) if side] if BARE in cells else []
        elif len(cells) == len(sides) + 1 and sides and not cells[0].startswith("---"):
            found = {
                side: number for side, cell in zip(sides, cells[1:], strict=True) if (number := first_number(cell))
            }
            costs |= {(cells[0], *side): number for side, number in found.items()}
    if not costs:
        raise InvalidValue("against", page, "must be a page with tables of costs, as `make bench` writes it")
    return costs


def side_and_seeds(heading: str) -> tuple[str, int] | None:
    """A side and its number of seeds, by the heading of its column: ``stacked, 5 seeds``, ``bare loop, one seed``."""
    if heading.endswith(", one seed"):
        return heading, 1
    match = re.fullmatch(r"(\w+), (\d+) seeds?", heading)
    return (match[1], int(match[2])) if match else None


def first_number(cell: str) -> float | None:
    """The median in a cell such as ``0.866 [0.779, 0.882]``; None where nothing was measured."""
    match = re.match(r"[\d.e-]+", cell)
    return float(match[0]) if match else None


@dataclass(frozen=True)
class RelativeCost:
    """A cost as a multiple of the bare loop's, which a slower machine does not change.

    Attributes:
        now: measured, round by round.
        kept: what the page keeps.
    """

    shape: str
    side: str
    seeds: int
    now: Interval
    kept: float

    @property
    def times(self) -> float:
        """How many times the kept cost is taken now."""
        return self.now.median / self.kept

    @property
    def slower(self) -> bool:
        """Whether it takes more than `SLOWER` times its kept cost, and more than that cost in every round."""
        return self.times > SLOWER and self.now.low > self.kept


def relative_costs(measured: Measurements, kept: Costs) -> list[RelativeCost]:
    """Every cost that was measured and that the page keeps, where it keeps the bare loop's as well."""
    costs = []
    for shape, frame in measured.frames.items():
        bare, rounds = kept.get((str(shape), BARE, 1)), rounds_of(frame, BARE, 1)
        for side, seeds in dict.fromkeys(zip(frame["side"].tolist(), frame["seeds"].tolist(), strict=True)):
            before = kept.get((str(shape), side, seeds))
            if bare and before and len(rounds) and side != BARE:
                now = spread(rounds_of(frame, side, seeds) / rounds)
                costs.append(RelativeCost(str(shape), side, seeds, now, before / bare))
    return costs


def slower_table(costs: Sequence[RelativeCost]) -> Table:
    """What became slower, the worst first."""
    slower = sorted((cost for cost in costs if cost.slower), key=lambda cost: -cost.times)
    rows = [
        [cost.shape, cost.side, str(cost.seeds), interval_text(cost.now), f"{cost.kept:.3g}", f"{cost.times:.2f}"]
        for cost in slower
    ]
    return ["shape", "side", "seeds", "bare loops now", "bare loops kept", "times"], rows
