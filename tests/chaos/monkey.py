"""Kill trainings at random moments, start them again, and count what differs from an uninterrupted one: `make chaos`.

It goes on until Ctrl-C or, with `make chaos ARGS="--minutes 10"`, for so long. `--seed` repeats the same moments.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from chaos.content import content, differences
from chaos.killing import in_a_process
from chaos.trainings import SHARED, TRAININGS

MOST_KILLS = 3


def main() -> int:
    """Kill, resume and compare; the exit code is 1 if anything was lost, doubled or changed."""
    parser = argparse.ArgumentParser(description="Kill trainings at random moments and compare what they come to.")
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    console, drawn, deadline = Console(), random.Random(given.seed), time.monotonic() + 60 * given.minutes
    console.print(f"seed {given.seed}; Ctrl-C ends it", highlight=False)
    rounds = kills = wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        references = {}
        try:
            while time.monotonic() < deadline:
                name = drawn.choice(sorted(TRAININGS))
                if name not in references:
                    place = Path(folder) / f"reference {len(references)}"
                    _, counts = in_a_process([*SHARED, *TRAININGS[name], f"tracking.dir='{place}'"])
                    references[name] = (content(place), counts)
                wanted, counts = references[name]
                rounds += 1
                place = Path(folder) / f"round {rounds}"
                overrides = [*SHARED, *TRAININGS[name], f"tracking.dir='{place}'"]
                moments = []
                for _ in range(drawn.randint(1, MOST_KILLS)):
                    part = drawn.choice([None, *sorted(part for part in counts if part)])
                    moments.append((part, drawn.randint(1, counts[part])))
                    kills += in_a_process(overrides, *moments[-1])[0] == -9
                code, _ = in_a_process(overrides)
                found = differences(content(place), wanted) if code == 0 else [f"exit code {code}"]
                wrong += bool(found)
                shown = ", ".join(f"{part or 'anywhere'} {at}" for part, at in moments)
                console.print(f"{rounds:4}  {name}: killed at {shown}: {'the same' if not found else 'DIFFERS'}")
                for line in found:
                    console.print(f"      {line}", style="red", markup=False)
        except KeyboardInterrupt:
            pass
    console.print(f"{rounds} trainings, {kills} kills, {wrong} with a difference", highlight=False)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
