"""The ways to train that are compared: Lightning as in a tutorial, a bare loop, and seqprobe with all its defaults."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytorch_lightning as lightning
import torch
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from pytorch_lightning.loggers import MLFlowLogger
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from seqprobe.bench.shapes import Shape, plain_experiment, shape_experiment
from seqprobe.config.compose import Composition, Plain
from seqprobe.learning.devices import synchronize
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.fit import fit
from seqprobe.learning.lightning_trainer import training_device
from seqprobe.learning.optimizers import OptimizerFactory
from seqprobe.learning.plan import make_plan
from seqprobe.run.request import build_request
from seqprobe.scoring import TRAIN_LOSS
from seqprobe.tasks import Task
from seqprobe.tasks.splits import draw_split
from seqprobe.tracking.mlflow_recorder import MLflowRecorder
from seqprobe.tracking.stores.embedded import EmbeddedStore

LAYERS: dict[str, Callable[..., nn.Module]] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
"""torch.nn's layer of a model; the common way and the bare loop train these."""
CHOSEN_FOR = 20_000
"""Updates of the training for which ``auto`` chooses: compiling pays in long ones alone."""


class Side(Protocol):
    """A way to train whose time per update is measured.

    Attributes:
        name: its name in tables.
        seeds: how many seeds are trained at once.
    """

    name: str
    seeds: int

    def run(self, updates: int) -> float:
        """Train every seed for that many updates; the seconds this took, without preparation."""


class Stopwatch(lightning.Callback):
    """The seconds from the start of a training to its end, with the work still queued on the device."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        synchronize(pl_module.device)
        self.seconds -= time.perf_counter()

    def on_train_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        synchronize(pl_module.device)
        self.seconds += time.perf_counter()


class BareNetwork(nn.Module):
    """A layer of torch.nn with a linear readout at the last step."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.layer = LAYERS[shape.model](1, shape.hidden, batch_first=True)
        self.readout = nn.Linear(shape.hidden, 1)

    def forward(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = self.readout(self.layer(inputs)[0][:, -1])
        return outputs


def training_set(task: Task) -> tuple[Tensor, Tensor]:
    """The training set of seed 0: inputs and targets."""
    batch = draw_split(task, "train", task.train_count, 0)
    return batch.inputs.float(), batch.targets.float()


class PlainModule(lightning.LightningModule):
    """The LightningModule that a tutorial would write."""

    def __init__(self, shape: Shape, optimizer: OptimizerFactory) -> None:
        super().__init__()
        self.network, self.optimizer = BareNetwork(shape), optimizer

    def training_step(self, batch: list[Tensor], index: int) -> Tensor:
        loss = nn.functional.mse_loss(self.network(batch[0]), batch[1])
        self.log(TRAIN_LOSS, loss)
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return self.optimizer(self.parameters())


class CommonWay:
    """One Lightning Trainer for one seed: DataLoader, TensorDataset, self.log, MLFlowLogger at its own interval."""

    name, seeds = "Lightning, one seed", 1

    def __init__(self, config: Plain, shape: Shape, folder: Path) -> None:
        self.config, self.shape, self.store = config, shape, EmbeddedStore(str(folder))
        self.store.experiment_id("common way")
        self.experiment = shape_experiment(config, shape, [0], "looped", 1)
        self.dataset = TensorDataset(*training_set(self.experiment.task))

    def run(self, updates: int) -> float:
        stopwatch = Stopwatch()
        trainer = lightning.Trainer(
            accelerator=self.config["trainer"]["accelerator"],
            devices=1,
            plugins=[LightningEnvironment()],
            max_steps=updates,
            max_epochs=-1,
            logger=MLFlowLogger("common way", tracking_uri=self.store.uri),
            callbacks=[stopwatch],
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        loader: DataLoader[Any] = DataLoader(self.dataset, self.shape.batch, shuffle=True)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The `srun` command is available")
            trainer.fit(PlainModule(self.shape, self.experiment.optimizer), loader)
        return stopwatch.seconds


class BareLoop:
    """The shortest loop that PyTorch allows, without validation, logging or progress."""

    name, seeds = "bare loop, one seed", 1

    def __init__(self, config: Plain, shape: Shape, device: torch.device) -> None:
        self.shape, self.device = shape, device
        self.experiment = shape_experiment(config, shape, [0], "looped", 1)
        self.inputs, self.targets = (part.to(device) for part in training_set(self.experiment.task))

    def run(self, updates: int) -> float:
        network = BareNetwork(self.shape).to(self.device)
        optimizer = self.experiment.optimizer(network.parameters())
        synchronize(self.device)
        start = time.perf_counter()
        for _ in range(updates):
            chosen = torch.randint(len(self.inputs), (self.shape.batch,), device=self.device)
            optimizer.zero_grad()
            nn.functional.mse_loss(network(self.inputs[chosen]), self.targets[chosen]).backward()
            optimizer.step()
        synchronize(self.device)
        return time.perf_counter() - start


class Populations:
    """seqprobe, with Lightning, validation, recording in MLflow: what a training run does between start and end."""

    def __init__(self, config: Plain, shape: Shape, seeds: int, engine: str, opened: ExitStack) -> None:
        self.name, self.seeds, self.engine = engine, seeds, engine
        self.config, self.shape = config, shape
        plain = plain_experiment(config, shape, range(seeds), engine, 1)
        request = build_request(Composition(plain))
        self.recorder = opened.enter_context(MLflowRecorder(request.store, request.description))

    def run(self, updates: int) -> float:
        stopwatch = Stopwatch()
        if self.engine == "auto":  # it chooses once
            experiment = self.experiment(CHOSEN_FOR)
            self.engine = make_plan(experiment, {}, training_device(experiment.trainer))[0].engine
        fit(self.experiment(updates), self.recorder, callbacks=[stopwatch])
        start = time.perf_counter()
        self.recorder.flush()
        return stopwatch.seconds + time.perf_counter() - start

    def experiment(self, updates: int) -> Experiment:
        """A training of so many updates."""
        return shape_experiment(self.config, self.shape, range(self.seeds), self.engine, updates)
