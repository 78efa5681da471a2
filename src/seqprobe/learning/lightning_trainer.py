"""Lightning's trainer for the device that a training runs on."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from typing import Any

import torch
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from pytorch_lightning.trainer.connectors.checkpoint_connector import _CheckpointConnector

from seqprobe.learning.devices import device_kind
from seqprobe.learning.lightning_import import lightning
from seqprobe.learning.settings import PRECISIONS, TrainerSettings


def training_device(settings: TrainerSettings) -> torch.device:
    """The device that ``settings`` choose on this machine.

    Raises:
        InvalidValue: see `device_kind`.
    """
    return lightning_trainer(settings, []).strategy.root_device


class PopulationTrainer(lightning.Trainer):
    """Lightning's trainer for one device, which leaves other devices alone.

    Lightning saves the states of all GPUs' generators around its sanity check, even for a training on the CPU, and this
    starts CUDA on every one of them. Here the check is off, so there is nothing to save.
    """

    def _run_stage(self) -> Any:
        if not self.training:
            return super()._run_stage()
        self.lightning_module.zero_grad()
        return self.fit_loop.run()


class NoOtherCheckpoints(_CheckpointConnector):
    """Resumes from nothing: in a Slurm job, Lightning would load whatever checkpoint it finds in the working directory.

    To find out whether it is in one, it warns where ``srun`` is installed.
    """

    def _select_ckpt_path(self, *arguments: object, **named: object) -> None:
        return None


def single_process() -> LightningEnvironment:
    """The environment of a process that trains by itself, also as one of several tasks of a Slurm job.

    Lightning's own choice depends on the machine: where ``srun`` is installed it warns, and in a Slurm job it takes the
    process for one of several that train a network together, leaves out what only the first is to do, and requeues the
    job on SIGUSR1. Here each task trains what its command states; locks keep two from training the same members.
    """
    environment = LightningEnvironment()
    environment.set_global_rank(0)  # Lightning has read SLURM_PROCID when it was imported
    return environment


def lightning_trainer(
    settings: TrainerSettings, callbacks: Sequence[lightning.Callback], epochs: int = 1
) -> lightning.Trainer:
    """A quiet trainer whose epochs are the stretches between validations.

    Raises:
        InvalidValue: see `device_kind`.
    """
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "GPU available but not used")  # as the settings want it
        trainer = PopulationTrainer(
            accelerator=device_kind(settings),
            devices=1,
            plugins=[single_process()],
            precision=PRECISIONS[settings.precision],
            callbacks=list(callbacks),
            max_epochs=epochs,
            reload_dataloaders_every_n_epochs=1,
            num_sanity_val_steps=0,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
    trainer._checkpoint_connector = NoOtherCheckpoints(trainer)
    return trainer
