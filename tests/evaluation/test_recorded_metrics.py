"""A run has at most 25 metrics, whatever its task's probes are; all scores are in the table."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from seqprobe.config.compose import plain_config
from seqprobe.config.places import resources
from seqprobe.evaluation import evaluate
from seqprobe.evaluation.evaluate import MAX_METRICS, probe_scores, record_probes
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.probes import ProbeResult
from seqprobe.run.added_probes import shown_metrics
from seqprobe.scoring import BANDS, RMSE

CONF = resources("conf")
TASKS = [f"task={path.stem}" for path in sorted((CONF / "task").glob("*.yaml"))]
PRESETS = [
    f"experiment={path.relative_to(CONF / 'experiment').with_suffix('')}"
    for path in sorted((CONF / "experiment").rglob("*.yaml"))
    if "probe@task.probes" in path.read_text()
]
OF_TRAINING = 4 + 3
"""The losses and at most two validation scores; of a population its finite members and two shares."""
RESULT = ProbeResult(["1", "2", "9"], {"rmse": np.ones((2, 3)), "peak": np.zeros((2, 3))}, bands=BANDS)


@pytest.mark.parametrize("overrides", [*TASKS, *PRESETS])
def test_all_probes_of_what_is_shipped_have_metrics(overrides: str) -> None:
    probes = plain_config(overrides)["task"]["probes"]
    assert OF_TRAINING + len(BANDS) * len(probes) <= MAX_METRICS


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What snapshots are to show."""
    names: list[str] = []
    monkeypatch.setattr(evaluate, "record_emergence", lambda *arguments: names.extend(arguments[-1]))
    return names


def test_probes_have_metrics_as_long_as_they_fit(shown: list[str]) -> None:
    overall = ProbeResult([], {}, overall={"readable": np.ones(2), "others": np.zeros(2)})
    results = {**{f"p{index}": RESULT for index in range(7)}, "one": overall}
    probes = {name: SimpleNamespace(scores=[RMSE] if name != "one" else []) for name in results}
    experiment, result = cast(Any, SimpleNamespace(probes=probes)), cast(Any, SimpleNamespace(updates=20))
    recorder = MemoryRecorder()
    record_probes(experiment, result, recorder, results, OF_TRAINING - 1)
    expected = [f"probe/p{index}/{band}/rmse" for index in range(6) for band in BANDS]
    assert list(recorder.metrics_at) == shown == [*expected, "probe/one/readable"]
    assert len(shown) + OF_TRAINING - 1 == MAX_METRICS
    scores = probe_scores(experiment, results)
    assert {"probe/p6/far/rmse", "probe/p6/9/peak", "probe/one/others"} | set(shown) <= set(scores)


def test_metrics_of_earlier_versions_leave_room_for_a_probe() -> None:
    recorded = ["train/loss", "val/loss", "best/val/loss", "reference/constant", "members_finite", "probe/p/0.1/rmse"]
    assert shown_metrics([*recorded, "probe/p/far/rmse", "probe/q/rmse"], ["q"]) == 4
