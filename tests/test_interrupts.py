"""A run that a signal asked to end does end, even where Python dropped the exit."""

import os
import signal
import threading
from functools import partial
from types import FrameType

import pytest
import pytorch_lightning as lightning
import torch

from seqprobe import interrupts
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.rnn import RNN
from seqprobe.run.job import interruptible
from seqprobe.run.member_locks import HeldMembers
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line


@pytest.fixture(autouse=True)
def received(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """No signal has been received yet, and none is ignored."""
    monkeypatch.setattr(interrupts, "received", [])
    for signum in interrupts.END_SIGNALS:
        signal.signal(signum, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return interrupts.received


def test_progress_is_passed_on_until_a_signal_comes(received: list[int]) -> None:
    heard: list[tuple[int, int, str]] = []
    report = interruptible(lambda *told: heard.append(told), HeldMembers([]))
    report(5, 20, "loss 1")
    report(10, 20, "loss 0.5")
    received.append(signal.SIGHUP)
    with pytest.raises(SystemExit) as ended:
        report(15, 20, "loss 0.2")
    assert ended.value.code == 129
    assert heard == [(5, 20, "loss 1"), (10, 20, "loss 0.5")]


def test_a_run_without_progress_heeds_signals_too(received: list[int]) -> None:
    report = interruptible(None, HeldMembers([]))
    report(5, 20, "loss 1")
    received.extend([signal.SIGTERM, signal.SIGHUP])
    with pytest.raises(SystemExit) as ended:
        report(10, 20, "loss 0.5")
    assert ended.value.code == 143


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_noted_before_it_ends_the_run(signum: signal.Signals, received: list[int]) -> None:
    with pytest.raises(SystemExit) as ended:
        interrupts.handle_signal(signum, None)
    assert ended.value.code == 128 + signum
    assert received == [signum]
    assert signal.getsignal(signum) is signal.SIG_IGN


def test_training_ends_at_the_next_report(received: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    class Lost(lightning.Callback):
        """A signal whose exit was dropped."""

        def on_fit_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
            received.append(signal.SIGTERM)

    monkeypatch.setattr("seqprobe.learning.plan.UPDATES_PER_BATCH", 5)
    task = NameParameters("t", Line([0, 0.9], [0, 1]), ["slope"], points=4, train_size=9, val_size=5, batch_size=4)
    network, optimizer = partial(RecurrentNetwork, cell=RNN, hidden_size=3), partial(torch.optim.SGD, lr=0.1)
    recorder, settings = MemoryRecorder(), TrainerSettings(20, val_every=20, log_every=1, accelerator="cpu")
    experiment = Experiment(task, network, optimizer, [0, 3], settings, engine="stacked")
    with pytest.raises(SystemExit) as ended:
        fit(experiment, recorder, progress=interruptible(None, HeldMembers([])), callbacks=[Lost()])
    assert ended.value.code == 143
    assert list(recorder.metrics_at["train/loss"]) == [1, 2, 3, 4, 5]


def test_what_must_not_be_cut_is_done_to_its_end(received: list[int]) -> None:
    done: list[str] = []

    def twice() -> None:
        with interrupts.deferred_exit():
            with interrupts.deferred_exit():
                interrupts.handle_signal(signal.SIGINT, None)
                done.append("inner")
            done.append("outer")

    with pytest.raises(SystemExit) as ended:
        twice()
    assert ended.value.code == 130
    assert done == ["inner", "outer"]


def test_an_error_inside_is_not_hidden_by_the_exit(received: list[int]) -> None:
    def failing() -> None:
        with interrupts.deferred_exit():
            interrupts.handle_signal(signal.SIGTERM, None)
            raise ValueError("the disk is full")

    with pytest.raises(ValueError, match="the disk is full"):
        failing()
    with pytest.raises(SystemExit):
        interrupts.exit_if_signalled()


def test_what_is_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with interrupts.handled_signals():
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is interrupts.handle_signal


@pytest.mark.parametrize(
    ("signum", "exception"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)], ids=str
)
def test_after_a_signal_all_is_as_it_was_before(signum: signal.Signals, exception: type[BaseException]) -> None:
    def handle(signum: int, frame: FrameType | None) -> None:
        raise AssertionError("the handler that was there before is not called")

    signal.signal(signum, handle)
    for _ in range(2):
        with pytest.raises(exception), interrupts.handled_signals(), interrupts.handled_signals():
            os.kill(os.getpid(), signum)
        assert interrupts.received == []
        assert signal.getsignal(signum) is handle


def test_a_signal_whose_exit_python_dropped_ends_the_block(received: list[int]) -> None:
    with pytest.raises(KeyboardInterrupt), interrupts.handled_signals():
        received.append(signal.SIGINT)
    assert interrupts.received == []


def test_other_threads_neither_handle_signals_nor_delay_them(received: list[int]) -> None:
    inside, handled = threading.Event(), threading.Event()
    ends: list[str] = []

    def work() -> None:
        with interrupts.handled_signals(), interrupts.deferred_exit():
            inside.set()
            assert handled.wait(60)
            interrupts.exit_if_signalled()
        ends.append("completed")

    thread = threading.Thread(target=work)
    thread.start()
    assert inside.wait(60)
    with pytest.raises(SystemExit):
        interrupts.handle_signal(signal.SIGTERM, None)
    handled.set()
    thread.join()
    assert ends == ["completed"]
