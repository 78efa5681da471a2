"""Lightning's trainer for the device that a training runs on."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from typing import Any

import pytorch_lightning as lightning
import torch

from seqprobe.learning.devices import device_kind
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
        return PopulationTrainer(
            accelerator=device_kind(settings),
            devices=1,
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
