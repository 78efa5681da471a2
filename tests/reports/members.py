"""Members' rows as `seqprobe.tracking.run_frames.StoredMembers` gives them, without a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from seqprobe.tracking.recorded_scores import RecordedScores
from seqprobe.tracking.run_frames import METRIC_COLUMNS, RUN_COLUMNS


def with_scores(rows: pd.DataFrame, recorded: RecordedScores = RecordedScores()) -> pd.DataFrame:  # noqa: B008  it is frozen
    """Rows with the columns ``score`` and ``is_main``, as the scores that were ``recorded`` give them."""
    scores = recorded.of_metrics(rows["metric"].unique())
    score = pd.Series([scores[name][0] for name in rows["metric"]], rows.index, dtype=object)
    return rows.assign(score=score, is_main=[scores[name][1] for name in rows["metric"]])[
        [*RUN_COLUMNS, *METRIC_COLUMNS]
    ]


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
        "tuned": "",
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
    return with_scores(pd.DataFrame(rows))
