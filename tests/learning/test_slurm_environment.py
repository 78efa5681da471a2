"""On a login node, in a Slurm job of several tasks and in an interactive one, each process trains by itself."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

import pytest
import pytorch_lightning as lightning
import torch
from pytorch_lightning.utilities.rank_zero import rank_zero_only

from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.lightning_trainer import lightning_trainer
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.settings import TrainerSettings
from seqprobe.models import RecurrentNetwork
from seqprobe.models.cells.rnn import RNN
from seqprobe.tasks.curve_tasks import NameParameters
from seqprobe.tasks.curves import Line

SLOPES = NameParameters("t", Line([0.1, 0.9], [0, 1]), ["slope"], points=4, train_size=20, val_size=4, batch_size=8)
JOB = {"SLURM_JOB_ID": "7", "SLURM_NODELIST": "node1", "SLURM_NNODES": "1"}
TASK = {**JOB, "SLURM_JOB_NAME": "train", "SLURM_NTASKS": "4", "SLURM_PROCID": "3", "SLURM_LOCALID": "3"}
INTERACTIVE = {**JOB, "SLURM_JOB_NAME": "bash", "SLURM_NTASKS": "1", "SLURM_PROCID": "0", "SLURM_LOCALID": "0"}


class Handlers(lightning.Callback):
    """What the signals do during a training that a Slurm job may get."""

    def on_train_batch_end(self, *args: object) -> None:
        self.usr1, self.usr2 = signal.getsignal(signal.SIGUSR1), signal.getsignal(signal.SIGUSR2)


def losses(callback: lightning.Callback) -> dict[str, dict[int, list[float]]]:
    """Everything that a short training records."""
    settings = TrainerSettings(6, val_every=3, accelerator="cpu")
    network = partial(RecurrentNetwork, cell=RNN, hidden_size=4)
    experiment = Experiment(SLOPES, network, partial(torch.optim.SGD, lr=0.1), [3, 0], settings, engine="stacked")
    recorder = MemoryRecorder()
    fit(experiment, recorder, callbacks=[callback])
    return {
        name: {step: values.tolist() for step, values in steps.items()} for name, steps in recorder.metrics_at.items()
    }


@pytest.mark.parametrize("environment", [{}, TASK, INTERACTIVE], ids=["login node", "task 3 of 4", "interactive"])
def test_each_process_trains_by_itself_and_nothing_is_warned_of(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = losses(lightning.Callback())
    (tmp_path / "hpc_ckpt_1.ckpt").write_text("of another program")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "srun").write_text("#!/bin/sh\n")
    (tmp_path / "srun").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(rank_zero_only, "rank", int(environment.get("SLURM_PROCID", 0)))
    handlers = Handlers()
    assert losses(handlers) == expected
    assert (handlers.usr1, handlers.usr2) == (signal.SIG_DFL, signal.SIG_DFL)
    trainer = lightning_trainer(TrainerSettings(6, accelerator="cpu"), [])
    assert (trainer.world_size, trainer.global_rank, trainer.is_global_zero) == (1, 0, True)
    assert rank_zero_only.rank == 0
