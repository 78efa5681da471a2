"""A training whose store does not respond when it begins waits for it, and fails only if it is not that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pretend_clock import PretendClock

from seqprobe.checks import InvalidValue
from seqprobe.config.compose import compose_config
from seqprobe.run import job, worker
from seqprobe.run.request import compose
from seqprobe.tracking.stores import availability
from seqprobe.tracking.stores.availability import StoreUnavailable
from seqprobe.tracking.stores.embedded import EmbeddedStore

TRAINING = ["task=line_xy", "model=rnn", "model.hidden_size=3", "~task.probes", "seeds=1", "engine=stacked"]
TRAINING += ["trainer.max_steps=2", "trainer.val_every=2"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> PretendClock:
    clock = PretendClock()
    monkeypatch.setattr(availability, "time", clock)
    monkeypatch.setattr(EmbeddedStore, "is_unavailable", lambda self, problem: isinstance(problem, StoreUnavailable))
    return clock


def absent(times: int, call: Callable[..., Any]) -> Callable[..., Any]:
    """``call``, whose store does not respond so many times."""
    left = [None] * times

    def call_later(*arguments: Any) -> Any:
        if left:
            left.pop()
            raise StoreUnavailable("tracking.uri", "there", "no MLflow server answers there")
        return call(*arguments)

    return call_later


def test_a_job_of_a_sweep_waits_for_its_server(
    tmp_path: Path, clock: PretendClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    composition, sent = compose_config([*TRAINING, f"tracking.dir={tmp_path}"]), list[tuple[Any, ...]]()
    monkeypatch.setattr(worker, "build_request", absent(3, worker.build_request))
    monkeypatch.setattr(worker, "run_job", lambda request, progress, notice: "outcome")
    assert worker.run_composition(composition, lambda *message: sent.append(message)) == ("done", "outcome")
    assert clock.now == 1000 + 1 + 2 + 4
    assert sent == [("notice", f"sqlite:///{tmp_path}/mlflow.db does not respond; waiting for it")]


def test_a_job_that_is_not_to_be_had_fails_at_once(
    tmp_path: Path, clock: PretendClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: Any) -> Any:
        raise InvalidValue("seeds", 0, "must be more")

    monkeypatch.setattr(worker, "build_request", refuse)
    composition = compose_config([*TRAINING, f"tracking.dir={tmp_path}"])
    status, text = worker.run_composition(composition, print)
    assert (status, text.rpartition(" InvalidValue: ")[2]) == ("failed", "seeds=0: must be more")
    assert clock.now == 1000


@pytest.mark.parametrize("name", ["skip_finished", "reusable_members"])
def test_a_training_waits_before_it_looks_for_what_is_finished(
    name: str, tmp_path: Path, clock: PretendClock, monkeypatch: pytest.MonkeyPatch, migrated_database: None
) -> None:
    notices = list[str]()
    monkeypatch.setattr(job, name, absent(2, getattr(job, name)))
    outcome = job.run_job(compose([*TRAINING, f"tracking.dir={tmp_path}"]), notice=notices.append)
    assert not outcome.skipped
    assert clock.now == 1000 + 1 + 2
    assert notices == [f"sqlite:///{tmp_path}/mlflow.db does not respond; waiting for it"]
