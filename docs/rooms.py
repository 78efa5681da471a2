"""Make conf/data/rooms.csv, the small table that ships with seqprobe: rooms that are heated and cool down.

Every room loses a share of its warmth in each step, by its insulation: the temperature inside follows
``inside += (outside + 2 heating - inside) / insulation``. Rooms with an insulation of 5, 10 and 20 train and validate;
those for probes have 15, which is between them, or 40, which is beyond, or are observed for longer.

``python docs/rooms.py`` writes the same file every time.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

TABLE = Path(__file__).parents[1] / "conf/data/rooms.csv"
ROOMS = (
    ("train", (5, 10, 20), 32, (12, 32)),
    ("val", (5, 10, 20), 8, (12, 32)),
    ("probe", (15, 40), 8, (12, 32)),
    ("probe", (5, 10, 20), 6, (48, 60)),
)
"""Splits with insulations, the number of rooms with each, and the least and greatest number of steps."""


def room(insulation: int, steps: int, random: np.random.Generator) -> list[tuple[int, float, float, float]]:
    """Rows of step, outside (°C), heating (kW) and inside (°C)."""
    outside, inside, heating, rows = random.uniform(-5, 15), 15.0, 0.0, []
    for step in range(steps):
        if random.random() < 0.15:
            heating = float(random.choice([0, 2, 5, 8]))
        outside += random.normal(0, 0.4)
        inside += (outside + 2 * heating - inside) / insulation
        rows.append((step, outside, heating, inside))
    return rows


def table() -> str:
    """The file's text."""
    random, lines = np.random.default_rng(0), ["room,step,outside,heating,insulation,inside,part"]
    for part, insulations, count, steps in ROOMS:
        for insulation in np.repeat(insulations, count).tolist():
            name = f"{part[0]}{len(lines)}"
            for step, outside, heating, inside in room(insulation, int(random.integers(*steps)), random):
                lines.append(f"{name},{step},{outside:.1f},{heating:.0f},{insulation},{inside:.2f},{part}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(table())
