"""Members' rows as `seqprobe.tracking.run_frames.members` gives them, without a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from seqprobe.tracking.run_frames import COLUMNS


def population(
    model: str, metrics: Mapping[str, Sequence[float]], seeds: Sequence[int] = (0, 1, 2, 3, 4), **different: object
) -> pd.DataFrame:
    """A population's rows: each metric's values by seed; ``different`` are columns other than usual."""
    usual = {
        "parent_id": f"{model}-parent",
        "experiment_id": "7",
        "task": "sine",
        "preset": "",
        "overrides": "",
        "training": f"training-of-{model}",
        "started": 1_000,
        "status": "FINISHED",
        "outcome": "finite",
    }
    shared = {**usual, "model": model, **different}
    rows = [
        {**shared, "run_id": f"{shared['parent_id']}-{seed}", "seed": seed, "metric": name, "value": values[place]}
        for name, values in metrics.items()
        for place, seed in enumerate(seeds)
    ]
    return pd.DataFrame(rows)[COLUMNS]
