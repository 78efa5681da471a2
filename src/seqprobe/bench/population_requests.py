"""The requests of a population to a server, by kind: `python -m seqprobe.bench.population_requests uri=… seeds=[1,16]`.

The server is one of seqprobe's (`mlflow server --app-name seqprobe`). Trainings are short: what they record at the end
does not depend on their length, what they send before it does only on the time that passes.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqprobe.bench.counted_requests import FILE, KINDS, OTHER
from seqprobe.bench.key_values import integers, keep_rows, read_settings
from seqprobe.bench.population_costs import train
from seqprobe.checks import InvalidValue, integer
from seqprobe.run.exit_codes import exit_code

UPDATES = 20


@dataclass
class PopulationRequests:
    """What to measure.

    Attributes:
        uri: of the server.
        seeds: numbers of seeds.
        known: so many of the seeds are trained before, in a population of their own.
        keep: whether docs/ keeps the rows.
    """

    uri: str
    seeds: Any = (1, 4, 16, 64, 256, 1024)
    known: int = 0
    keep: bool = False

    def __post_init__(self) -> None:
        self.seeds = integers("seeds", self.seeds)
        integer("known", self.known, minimum=0)
        if self.known >= min(self.seeds):
            raise InvalidValue("known", self.known, "must be fewer than seeds")


def request_row(settings: PopulationRequests, seeds: int) -> dict[str, str | float]:
    """The number of requests of each kind, and the seconds that pass from the command's start to its end."""
    rate = f"optimizer.lr={0.001 + time.time_ns() % 10**9 / 1e12}"  # the server has no member with it
    options = ["tracking=server", f"tracking.uri={settings.uri}", rate]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if settings.known:
            train(folder, settings.known, UPDATES, *options)
        used = train(folder, seeds, UPDATES, *options)
        sent = json.loads((folder / FILE).read_text())
    row: dict[str, str | float] = {"seeds": seeds, "known": settings.known, "seconds": used["seconds"]}
    return row | {kind: sent.get(kind, 0) for kind in (*KINDS, OTHER)} | {FILE: sum(sent.values())}


def main(arguments: Sequence[str]) -> None:
    """Measure, print and keep."""
    settings = read_settings(arguments, PopulationRequests)
    for seeds in settings.seeds:
        row = request_row(settings, seeds)
        print(row, flush=True)
        if settings.keep:
            keep_rows("requests", [row], ("seeds", "known"))


if __name__ == "__main__":
    raise SystemExit(exit_code(lambda: main(sys.argv[1:]), sys.argv[1:]))
