"""A fork computes beside its parent, leaves errors to it, and ends with it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from matplotlib.figure import Figure
from waiting import wait_until

from seqprobe.learning.recorder import Recorder
from seqprobe.tracking import artifacts
from seqprobe.tracking import forked_call as forked_calls
from seqprobe.tracking.description import Description
from seqprobe.tracking.forked_call import forked_call, has_spare_core
from seqprobe.tracking.logged_images import LOGGED_IMAGES
from seqprobe.tracking.mlflow_recorder import MLflowRecorder
from seqprobe.tracking.shared_numbers import shared_numbers
from seqprobe.tracking.stores.embedded import EmbeddedStore

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")


def test_a_fork_returns_what_it_computes() -> None:
    captured = [2, 3]
    with forked_call(lambda: (os.getpid(), sum(captured))) as wait:
        answer = wait()
    assert answer is not None
    assert answer[0] != os.getpid()
    assert answer[1] == 5


def test_each_number_is_taken_once() -> None:
    with shared_numbers(5_000) as numbers, forked_call(lambda: list(numbers)) as wait:
        own = list(numbers)
        others = wait()
    assert others is not None
    assert sorted([*own, *others]) == list(range(5_000))


def test_an_error_in_the_fork_gives_nothing() -> None:
    with forked_call(lambda: 1 / 0) as wait:
        assert wait() is None


def test_a_fork_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forked_calls, "PATIENCE", 0.1)
    with forked_call(signal.pause) as wait:
        assert wait() is None


def test_a_fork_ends_with_its_block() -> None:
    before = set(multiprocessing.active_children())
    with forked_call(signal.pause):
        (fork,) = set(multiprocessing.active_children()) - before
    assert fork.exitcode == -signal.SIGKILL


ENDLESS = """
import os, signal
from pathlib import Path
from seqprobe.tracking.forked_call import forked_call
def endless():
    Path({file!r}).write_text(str(os.getpid()))
    signal.pause()
with forked_call(endless) as wait:
    wait()
"""


def test_a_fork_ends_with_its_parent(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, "-c", ENDLESS.format(file=str(file))])
    try:
        wait_until(lambda: file.exists() and file.read_text(), "the fork runs")
        fork = psutil.Process(int(file.read_text()))
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    wait_until(lambda: not fork.is_running() or fork.status() == psutil.STATUS_ZOMBIE, "the fork has ended", 10)


def test_the_jobs_of_a_pool_do_not_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1})
    assert has_spare_core()
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {1})
    assert not has_spare_core()
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1})
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "ray", object())
        assert not has_spare_core()
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: object())
    assert not has_spare_core()


@pytest.mark.parametrize("spare", [True, False])
def test_what_is_drawn_beside_is_recorded_with_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spare: bool
) -> None:
    monkeypatch.setattr(artifacts, "has_spare_core", lambda: spare)
    drawn = multiprocessing.get_context("fork").Array("i", 2)

    def draw(recorder: Recorder) -> None:
        drawn[0] = os.getpid()
        recorder.record_figure("probe_lag", Figure((2, 1)), "probe/lag")
        wait_until(lambda: not spare or drawn[1], "the other figure is drawn")

    def draw_fit(recorder: Recorder) -> None:
        drawn[1] = os.getpid()
        recorder.record_figure("fit", Figure((2, 1)))
        wait_until(lambda: drawn[0], "the probe's figure is drawn")

    store = EmbeddedStore(str(tmp_path))
    with MLflowRecorder(store, Description("e", "rnn", [0], {})) as recorder:
        recorder.record_drawings([draw, draw_fit])
    assert len({*drawn}) == 1 + spare
    assert store.artifact_paths(recorder.parent, "figures") == ["figures/fit.png", "figures/probe_lag.png"]
    assert len(store.artifact_paths(recorder.parent, "images")) == 2
    assert recorder.client.get_run(recorder.parent).data.tags[LOGGED_IMAGES] == "True"


def test_what_fails_beside_fails_in_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "has_spare_core", lambda: True)

    def draw(recorder: Recorder) -> None:
        raise ValueError("cannot be drawn")

    recorder = MLflowRecorder(EmbeddedStore(str(tmp_path)), Description("e", "rnn", [0], {}))
    with pytest.raises(ValueError, match="cannot be drawn"), recorder:
        recorder.record_drawings([draw, draw])
    assert recorder.client.get_run(recorder.parent).info.status == "FAILED"
