"""Metrics reach the store a few seconds after they were found, and all of them at a recorder's end, whichever it is."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from pretend_clock import PretendClock

from seqprobe.failure import JobFailed
from seqprobe.tracking import mlflow_recorder as recorders
from seqprobe.tracking import opened_runs
from seqprobe.tracking.description import Description
from seqprobe.tracking.journal.journal import RESERVE_BYTES, Journal
from seqprobe.tracking.leases.lease import LeaseLost
from seqprobe.tracking.mlflow_recorder import FLUSH_SECONDS, MLflowRecorder
from seqprobe.tracking.stores.embedded import EmbeddedStore


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> PretendClock:
    clock = PretendClock()
    monkeypatch.setattr(recorders, "time", clock)
    return clock


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedStore:
    return EmbeddedStore(str(tmp_path_factory.mktemp("mlruns")))


def recorder_in(store: EmbeddedStore, *seeds: int) -> MLflowRecorder:
    return MLflowRecorder(store, Description("e", "rnn", seeds or (0, 4), {"hidden_size": 3}))


def steps_in(store: EmbeddedStore, run: str, metric: str = "val/loss") -> dict[int, float | None]:
    """What a run's metric is in the database, by step, without asking MLflow; NaN as None."""
    rows = "select step, value, is_nan from metrics where run_uuid = ? and key = ? order by step"
    with closing(sqlite3.connect(store.database)) as connection:
        return {step: None if nan else value for step, value, nan in connection.execute(rows, (run, metric))}


def test_metrics_are_in_the_store_a_few_seconds_later(store: EmbeddedStore, clock: PretendClock) -> None:
    with recorder_in(store) as recorder:
        begun = clock.now
        seen = []
        for step, after in enumerate([0.0, 0.5, 1.1, 1.5, 2.0, 2.2]):
            clock.now = begun + after * FLUSH_SECONDS
            recorder.record_metrics(step, {"val/loss": np.array([step, step + 0.5])})
            seen.append(list(steps_in(store, recorder.parent)))
        assert seen == [[], [], [0, 1, 2], [0, 1, 2], [0, 1, 2], [0, 1, 2, 3, 4, 5]]
        assert steps_in(store, recorder.children[1]) == {step: step + 0.5 for step in range(6)}


def test_a_flush_writes_what_is_buffered_once(store: EmbeddedStore, clock: PretendClock) -> None:
    with recorder_in(store) as recorder:
        recorder.record_metrics(1, {"val/loss": np.array([1.0, 3.0])})
        assert steps_in(store, recorder.parent) == {}
        recorder.flush()
        recorder.flush()
        assert [steps_in(store, run) for run in (recorder.parent, *recorder.children)] == [{1: 2.0}, {1: 1.0}, {1: 3.0}]


def test_the_parent_has_the_median_of_the_finite_and_members_their_own(store: EmbeddedStore) -> None:
    with recorder_in(store, 0, 1, 2, 3) as recorder:
        recorder.record_metrics(1, {"val/loss": np.array([1.0, np.nan, 5.0, np.inf])})
        recorder.record_metrics(2, {"val/loss": np.full(4, np.nan)})
    parent, one, two, three, four = (steps_in(store, run) for run in (recorder.parent, *recorder.children))
    assert parent == {1: 3.0, 2: None}
    assert (one, two, three) == ({1: 1.0, 2: None}, {1: None, 2: None}, {1: 5.0, 2: None})
    assert four[2] is None
    assert four[1] == np.finfo(float).max


@pytest.mark.parametrize(
    ("problem", "status"),
    [(None, "FINISHED"), (KeyboardInterrupt(), "KILLED"), (SystemExit(143), "KILLED"), (ValueError("no"), "FAILED")],
    ids=repr,
)
def test_the_end_writes_everything(
    store: EmbeddedStore, clock: PretendClock, problem: BaseException | None, status: str
) -> None:
    def trained(recorder: MLflowRecorder) -> None:
        with recorder:
            recorder.record_metrics(1, {"val/loss": np.array([1.0, 3.0])})
            recorder.record_outcomes(["solved", "diverged"], [-1, 7], ["", "loss: is inf"])
            if problem is not None:
                raise problem

    recorder = recorder_in(store)
    if problem is None:
        trained(recorder)
    else:
        with pytest.raises(type(problem)):
            trained(recorder)
    parent, *members = (recorder.client.get_run(run) for run in (recorder.parent, *recorder.children))
    shares = {"share_learned": 0.5, "share_solved": 0.5}
    assert parent.data.metrics == {"val/loss": 2.0, "members_finite": 1.0, **shares}
    assert [member.data.tags["seqprobe.outcome"] for member in members] == ["solved", "diverged"]
    assert [member.data.metrics for member in members] == [{"val/loss": 1.0}, {"val/loss": 3.0}]
    assert {run.info.status for run in (parent, *members)} == {status}
    assert ("seqprobe.error" in parent.data.tags) is (status == "FAILED")


def test_levels_are_params_of_members_and_their_medians_of_the_population(store: EmbeddedStore) -> None:
    levels = {"constant": np.array([0.25, 0.123456, 0.5]), "floor": np.zeros(3)}
    with recorder_in(store, 0, 1, 2) as recorder:
        for _ in range(2):  # as after a kill
            recorder.record_levels(levels)
        recorder.record_levels({})
    runs = [recorder.client.get_run(run).data.params for run in (recorder.parent, *recorder.children)]
    assert [run["reference/constant"] for run in runs] == ["0.25", "0.25", "0.1235", "0.5"]
    assert [run["reference/floor"] for run in runs] == ["0"] * 4


def test_runs_end_even_when_the_last_metrics_cannot_be_written(
    store: EmbeddedStore, clock: PretendClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = recorder_in(store)

    def broken(*args: object) -> None:
        raise sqlite3.OperationalError("disk full")

    with pytest.raises(sqlite3.OperationalError, match="disk full"), recorder:  # noqa: PT012  it writes on leaving
        recorder.record_metrics(1, {"val/loss": np.array([1.0, 3.0])})
        monkeypatch.setattr(store, "log_metrics", broken)
    assert recorder.client.get_run(recorder.parent).info.end_time is not None


def test_on_a_full_disk_the_reserve_is_what_closes_the_runs(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    recorder = MLflowRecorder(store, Description("e", "rnn", [0], {}), Journal(tmp_path))

    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"), recorder:  # noqa: PT012  it writes on leaving
        terminate, refusals = recorder.client.set_terminated, iter([1, 1, 1])
        assert (tmp_path / "reserve").stat().st_size == RESERVE_BYTES

        def set_terminated(*args: str) -> None:
            if next(refusals, None) or (tmp_path / "reserve").exists():
                raise sqlite3.OperationalError("database or disk is full")
            terminate(*args)

        monkeypatch.setattr(recorder.client, "set_terminated", set_terminated)
        monkeypatch.setattr(recorder.journal, "append", full)
        monkeypatch.setattr(opened_runs, "RETRY_SECONDS", 0.0)
        recorder.record_params({"a": 1})
    assert [recorder.client.get_run(run).info.status for run in (recorder.parent, *recorder.children)] == ["FAILED"] * 2
    assert not (tmp_path / "reserve").exists()


def test_a_run_that_is_deleted_while_it_is_filled_is_named_with_what_to_do(
    store: EmbeddedStore, clock: PretendClock
) -> None:
    recorder = recorder_in(store)
    with pytest.raises(JobFailed) as caught, recorder:  # noqa: PT012  it writes on leaving
        recorder.client.delete_run(recorder.parent)
        clock.now += 2 * FLUSH_SECONDS
        recorder.record_metrics(1, {"val/loss": np.array([1.0, 3.0])})
    assert str(caught.value) == (
        f"run {recorder.parent} (rnn · 2 seeds) was deleted in {store.uri} while it was being filled; its checkpoints "
        "are kept: run the same command to resume in new runs, or first restore the run in the MLflow UI to resume in "
        "it"
    )
    assert {recorder.client.get_run(run).info.status for run in recorder.children} == {"FAILED"}
    assert steps_in(store, recorder.children[0]) == {}
    assert recorder.journal.folder.exists()


@pytest.mark.parametrize(("is_workspace_lost", "status"), [(True, "RUNNING"), (False, "FAILED")])
def test_when_others_have_taken_over_nothing_is_recorded(
    store: EmbeddedStore, tmp_path: Path, is_workspace_lost: bool, status: str
) -> None:
    """With the workspace they have the runs, too; else the runs end."""
    recorder = MLflowRecorder(store, Description("e", "rnn", [0], {}), Journal(tmp_path))

    def lost() -> None:
        raise LeaseLost(is_workspace_lost)

    with pytest.raises(LeaseLost), recorder:  # noqa: PT012  it writes on leaving
        entries = list(recorder.journal.entries())
        recorder.journal.guard = lost
        recorder.record_params({"engine": "stacked"})
    assert [recorder.client.get_run(run).info.status for run in (recorder.parent, *recorder.children)] == [status] * 2
    assert list(recorder.journal.entries()) == entries
    assert recorder.journal.reserve.exists() is is_workspace_lost
