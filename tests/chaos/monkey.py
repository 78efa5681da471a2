"""Disturb trainings, start them again, and count what differs from undisturbed ones: `make chaos`.

It goes on until Ctrl-C or, with `make chaos ARGS="--minutes 10"`, for so long; then it prints a table of what happened.
`--seed` repeats the same accidents.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from chaos.accidents import KINDS, restore_experiment
from chaos.content import content, differences, last_finished
from chaos.killing import ACTS, HANGS, in_a_process
from chaos.trainings import SHARED, TRAININGS, first_seed

MOST_EVENTS = 5
"""Most times that something happens to one training at a random moment."""
OFTEN = {"kill": 3}
"""How often an act is drawn, for each time that another one is."""
REFUSED = 2


@dataclass
class Round:
    """One training to which something happens; what happened, and what was wrong at its end.

    Attributes:
        in_thread: whether its records are delivered in a thread, as to a server.
        trained_before: the names of populations that only prepared an accident; they are not compared.
    """

    name: str
    folder: Path
    drawn: random.Random
    counts: dict[str | None, int]
    in_thread: bool = False
    happened: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    trained_before: list[str] = field(default_factory=list)

    @property
    def overrides(self) -> list[str]:
        """Of its command."""
        return [*SHARED, *TRAININGS[self.name], f"tracking.dir='{self.folder}'"]

    def run(self, reference: dict[str, dict[str, Any]]) -> None:
        """Let things happen, run the training to its end, and compare it with one to which nothing happened."""
        accident = self.drawn.choice([None, *KINDS]) if self.drawn.random() < 0.7 else None
        if accident is not None and KINDS[accident].finished:
            self.train_one_member()
        else:
            for _ in range(self.drawn.randint(1, MOST_EVENTS)):
                self.disturb()
        if accident is not None:
            self.have(accident)
        code, _ = in_a_process(self.overrides)
        if code != 0:
            self.problems.append(f"exit code {code}")
            return
        try:
            found = content(self.folder) if accident is None else last_finished(self.folder)
        except AssertionError as problem:
            self.problems.append(f"runs: {problem}")
            return
        for name in self.trained_before:
            found.pop(name, None)
        self.problems += differences(found, reference)
        left = [path.name for path in (self.folder / "work").iterdir() if path.name != "claims"]
        self.problems += [f"left in work: {left}"] if left else []

    def disturb(self) -> None:
        """Let the training run until something happens to its process."""
        part = self.drawn.choice([None, *sorted(part for part in self.counts if part)])
        at, acts = self.drawn.randint(1, self.counts[part]), sorted(ACTS)
        (act,) = self.drawn.choices(acts, [OFTEN.get(act, 1) for act in acts])
        code, _ = in_a_process(self.overrides, part, at, act, self.in_thread)
        self.happened.append(f"{act} at {part or 'anywhere'} {at}")
        if code == HANGS:
            self.problems.append(f"hung after {act}")
        if code != 0:  # else the training was over before
            self.kinds[act] += 1

    def train_one_member(self) -> None:
        """Train the first seed alone, for the others to take it over."""
        code, _ = in_a_process([*self.overrides, first_seed(self.name)])
        self.problems += [f"exit code {code} of one member"] if code else []
        self.trained_before = [name for name in last_finished(self.folder) if name.endswith("· 1 seed")]

    def have(self, accident: str) -> None:
        """Let an accident happen to the store."""
        kind = KINDS[accident]
        done = kind.happen(self.folder, self.drawn)
        if not done:
            return
        self.happened.append(done)
        self.kinds[accident] += 1
        if kind.refused:
            code, _ = in_a_process(self.overrides)
            self.problems += [f"exit code {code} instead of {REFUSED}"] if code != REFUSED else []
            restore_experiment(self.folder)


def main() -> int:
    """Disturb, resume and compare; the exit code is 1 if anything was lost, doubled or changed."""
    parser = argparse.ArgumentParser(description="Disturb trainings at random moments and compare their results.")
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    console, drawn, begun = Console(), random.Random(given.seed), time.monotonic()
    console.print(f"seed {given.seed}; Ctrl-C ends it", highlight=False)
    rounds: list[Round] = []
    with tempfile.TemporaryDirectory() as folder:
        references: dict[str, tuple[dict[str, dict[str, Any]], dict[str | None, int]]] = {}
        try:
            while time.monotonic() < begun + 60 * given.minutes:
                name = drawn.choice(sorted(TRAININGS))
                if name not in references:
                    place = Path(folder) / f"reference {len(references)}"
                    _, counts = in_a_process([*SHARED, *TRAININGS[name], f"tracking.dir='{place}'"])
                    references[name] = (content(place), counts)
                reference, counts = references[name]
                current = Round(name, Path(folder) / f"round {len(rounds)}", drawn, counts, drawn.random() < 0.5)
                current.run(reference)
                rounds.append(current)
                print_round(console, current, len(rounds))
        except KeyboardInterrupt:
            pass
    console.print(summary(rounds, (time.monotonic() - begun) / 60))
    return int(any(each.problems for each in rounds))


def print_round(console: Console, current: Round, number: int) -> None:
    """A line about a training, and one about everything that was wrong."""
    ending = "DIFFERS" if current.problems else "the same"
    name = f"{current.name}{', in a thread' if current.in_thread else ''}"
    console.print(f"{number:4}  {name}: {', '.join(current.happened)}: {ending}", highlight=False, markup=False)
    for line in current.problems:
        console.print(f"      {line}", style="red", markup=False)


def summary(rounds: list[Round], minutes: float) -> Table:
    """How often everything happened, and how many of the trainings to which it happened differed."""
    table = Table(title=f"{len(rounds)} trainings in {minutes:.0f} minutes", title_justify="left")
    table.add_column("accident")
    table.add_column("times", justify="right")
    table.add_column("trainings with a difference", justify="right")
    for kind in [*ACTS, *KINDS]:
        times, wrong = (sum(each.kinds[kind] for each in rounds), [each for each in rounds if each.problems])
        table.add_row(kind, str(times), str(sum(each.kinds[kind] > 0 for each in wrong)))
    total = sum(each.kinds.total() for each in rounds)
    table.add_row("all", str(total), str(sum(bool(each.problems) for each in rounds)), style="bold")
    return table


if __name__ == "__main__":
    sys.exit(main())
