"""Which device a training takes, what it leaves alone, and with which float32 it computes."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import pytorch_lightning as lightning
import torch

from seqprobe.checks import InvalidValue
from seqprobe.evaluation.evaluate import evaluate
from seqprobe.learning.devices import KINDS, device_kind, synchronize
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.lightning_trainer import training_device
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.settings import ACCELERATORS, TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.rnn import RNN
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line

SLOPES = NameParameters("t", Line([0.1, 0.9], [0, 1]), ["slope"], points=4, train_size=20, val_size=4, batch_size=8)


def experiment(engine: str = "stacked", **settings: Any) -> Experiment:
    trainer = TrainerSettings(6, **{"val_every": 3, "accelerator": "cpu", **settings})
    network = partial(RecurrentNetwork, cell=RNN, hidden_size=4)
    return Experiment(SLOPES, network, partial(torch.optim.SGD, lr=0.1), [3, 0], trainer, engine=engine)


def machine_with(monkeypatch: pytest.MonkeyPatch, *kinds: str) -> None:
    """A machine with these kinds of devices."""
    monkeypatch.setattr("torch.cuda.device_count", lambda: int("cuda" in kinds))
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: "mps" in kinds)


@pytest.mark.parametrize(
    ("there", "accelerator", "kind"),
    [
        ((), "auto", "cpu"),
        (("mps",), "auto", "mps"),
        (("cuda",), "auto", "cuda"),
        (("mps",), "gpu", "mps"),
        (("cuda",), "gpu", "cuda"),
        (("cuda",), "cpu", "cpu"),
        (("cuda",), "cuda", "cuda"),
        (("mps",), "mps", "mps"),
    ],
)
def test_an_accelerator_means_a_kind_of_device(
    there: tuple[str, ...], accelerator: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine_with(monkeypatch, *there)
    assert device_kind(TrainerSettings(1, accelerator=accelerator)) == kind
    assert set(KINDS) == set(ACCELERATORS)


@pytest.mark.parametrize(
    ("there", "settings", "refusal"),
    [
        ((), {"accelerator": "gpu"}, "trainer.accelerator=gpu: is not available on this machine; use auto or cpu"),
        (("mps",), {"accelerator": "cuda"}, "trainer.accelerator=cuda: is not available"),
        (("mps",), {"precision": "64-true"}, "trainer.precision=64-true: Apple's GPUs (MPS) have no 64-bit numbers"),
        (("mps",), {"accelerator": "gpu", "precision": "64-true"}, "trainer.precision=64-true: Apple's GPUs (MPS)"),
    ],
)
def test_what_the_machine_lacks_is_refused_in_one_line(
    there: tuple[str, ...], settings: Any, refusal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine_with(monkeypatch, *there)
    with pytest.raises(InvalidValue) as refused:
        experiment(**{"accelerator": "auto", **settings}).check()
    assert str(refused.value).startswith(refusal)
    assert "\n" not in str(refused.value)


def test_64_bits_on_a_mac_are_computed_on_its_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    machine_with(monkeypatch, "mps")
    assert training_device(TrainerSettings(1, accelerator="cpu", precision="64-true")) == torch.device("cpu")


@pytest.mark.parametrize("kind", ["cuda", "mps", "cpu"])
def test_timings_wait_for_the_device(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    waited = list[str]()
    monkeypatch.setattr("torch.cuda.synchronize", lambda device: waited.append("cuda"))
    monkeypatch.setattr("torch.mps.synchronize", lambda: waited.append("mps"))
    synchronize(torch.device(kind))
    assert waited == ([] if kind == "cpu" else [kind])


def test_a_training_on_the_cpu_starts_cuda_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every way to a GPU's state goes through ``torch.cuda._lazy_init``."""
    machine_with(monkeypatch, "cuda")
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    monkeypatch.setattr("torch.cuda._lazy_init", lambda: pytest.fail("CUDA was started"))
    monkeypatch.setattr("seqprobe.evaluation.evaluate.draw_outcome", lambda *outcome: None)
    evaluate(experiment("looped"), fit(experiment("looped"), MemoryRecorder()), MemoryRecorder())


def test_products_are_full_float32_and_the_users_settings_come_back() -> None:
    cudnn, matmul = torch.backends.cudnn, torch.backends.cuda.matmul

    def settings() -> tuple[str, ...]:
        return (torch.get_float32_matmul_precision(), *(p.fp32_precision for p in (cudnn.conv, cudnn.rnn, matmul)))

    seen = list[tuple[str, ...]]()
    before = settings()
    assert before == ("highest", "tf32", "tf32", "none")  # what torch starts with
    torch.set_float32_matmul_precision("high")
    try:
        changed = settings()
        result = fit(experiment(), MemoryRecorder(), callbacks=[Noting(seen, settings)])
        assert result.updates == 6
        assert settings() == changed
        assert cudnn.allow_tf32
    finally:
        torch.set_float32_matmul_precision("highest")
    assert settings()[:3] == before[:3]
    assert set(seen) == {("highest", "ieee", "ieee", "ieee")}


class Noting(lightning.Callback):
    """Notes what ``look`` sees before every batch of updates."""

    def __init__(self, seen: list[Any], look: Callable[[], Any]) -> None:
        self.seen, self.look = seen, look

    def on_train_batch_start(self, *args: Any) -> None:
        self.seen.append(self.look())
