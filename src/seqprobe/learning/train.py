"""Train one population on one task, put its probes to it, and tell a recorder everything."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytorch_lightning as lightning
import torch

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue, choice
from seqprobe.learning.callbacks import BestWeights, Frames, Progress, Recording, ShowProgress, as_arrays
from seqprobe.learning.data import PopulationData
from seqprobe.learning.engine import ENGINE_CHOICES, choose_engine
from seqprobe.learning.module import MODULES, OptimizerFactory, PopulationModule
from seqprobe.learning.outcome import draw_outcome
from seqprobe.learning.recorder import Recorder
from seqprobe.learning.settings import PRECISIONS, TrainerSettings
from seqprobe.models.population import build_population
from seqprobe.probes import Probe
from seqprobe.tasks import Task

SHOWN = {"seq2seq": 6, "seq2vec": 200}
"""How many validation sequences the fit's figure and animation show."""
UPDATES_PER_BATCH = 50
"""Most updates in one Lightning batch; progress is shown as often."""


@dataclass(frozen=True)
class Experiment:
    """Everything that decides a population's results.

    Attributes:
        network: builds one untrained network from ``(input_size, output_size, kind, max_length)``.
        optimizer: builds the optimizer from parameters; it must treat every number on its own (see `check`).
    """

    task: Task
    network: Callable[[int, int, str, int], torch.nn.Module]
    optimizer: OptimizerFactory
    seeds: Sequence[int]
    trainer: TrainerSettings
    probes: Mapping[str, Probe] = field(default_factory=dict)
    engine: str = "auto"
    title: str = "network"

    def build_network(self) -> torch.nn.Module:
        """One untrained network of the task's sizes."""
        task = self.task
        with torch.random.fork_rng(devices=[]):  # layers of a user's own may draw from torch's global generator
            return self.network(task.input_size, task.output_size, task.kind, task.max_length)

    def check(self) -> None:
        """Refuse what could only fail later: called before anything is recorded.

        Raises:
            InvalidValue: the engine, the accelerator, the optimizer or a probe does not fit.
        """
        choice("engine", self.engine, ENGINE_CHOICES)
        if self.engine == "stacked" and not getattr(self.build_network(), "supports_stacking", False):
            raise InvalidValue("engine", self.engine, "this network cannot be stacked; use looped or auto")
        for probe in self.probes.values():
            probe.check(self.task)
        optimizer = self.optimizer([torch.nn.Parameter(torch.zeros(1, 1))])
        if type(optimizer).__name__ not in ELEMENTWISE:
            raise InvalidValue("optimizer", type(optimizer).__name__, f"must be one of {', '.join(ELEMENTWISE)}")
        accelerator = lightning.accelerators.AcceleratorRegistry
        wanted = {"gpu": "cuda"}.get(self.trainer.accelerator, self.trainer.accelerator)
        if wanted != "auto" and not accelerator[wanted]["accelerator"].is_available():
            raise InvalidValue(
                "trainer.accelerator", self.trainer.accelerator, "is not there on this machine; use auto or cpu"
            )


ELEMENTWISE = (
    "SGD", "Adam", "AdamW", "NAdam", "RAdam", "Adamax", "Adagrad", "Adadelta", "RMSprop", "Rprop", "ASGD",
)  # fmt: skip
"""Optimizers that update every number on its own, so that stacking members changes none of them."""


@dataclass(frozen=True)
class TrainResult:
    """What a training left: the module with the last weights, and the final validation scores ``(seeds,)``."""

    module: PopulationModule
    scores: Mapping[str, np.ndarray]
    engine: str

    @property
    def objective(self) -> float:
        """The median validation loss over finite members; inf when there is none, so that a sweeper can minimise it."""
        finite = self.scores["loss"][np.isfinite(self.scores["loss"])]
        return float(np.median(finite)) if len(finite) else float("inf")


def train(experiment: Experiment, recorder: Recorder, progress: Progress | None = None) -> TrainResult:
    """Train, probe and record one population."""
    settings, task, seeds = experiment.trainer, experiment.task, experiment.seeds
    dtype = torch.float64 if settings.precision == "64-true" else torch.float32
    data = PopulationData(task, seeds, settings.max_steps, settings.validation_interval, UPDATES_PER_BATCH, dtype)
    recording, best, frames = (
        Recording(recorder, settings.log_interval),
        BestWeights(),
        Frames(data.val.member(0).head(SHOWN[task.kind])),
    )
    callbacks = [recording, best, frames, *([ShowProgress(progress)] if progress else [])]
    trainer = lightning_trainer(settings, callbacks)
    engine = choose_engine(experiment.engine, experiment.build_network, seeds, data, trainer.strategy.root_device)
    population = build_population(experiment.build_network, seeds, engine)
    recorder.params({"engine": engine, "parameters": population.parameters_per_member()})
    recorder.metrics(0, {f"reference/{name}": level for name, level in data.reference_levels().items()})
    module = MODULES[task.kind](population, data, experiment.optimizer, settings.gradient_clip)
    trainer.validate(module, datamodule=data, verbose=False)
    trainer.fit(module, datamodule=data)
    recorder.diverged(module.diverged_at.tolist())
    scores = as_arrays(module.val_scores)
    recorder.metrics(module.updates_done, as_arrays({f"best/val/{name}": value for name, value in best.scores.items()}))
    put_probes(experiment, module, recorder)
    draw_outcome(experiment.title, module, recorder, recording, frames)
    recorder.model(population, best.weights.cpu().numpy(), data.val.inputs[0, :1].cpu().numpy())
    return TrainResult(module, scores, engine)


def lightning_trainer(settings: TrainerSettings, callbacks: Sequence[lightning.Callback]) -> lightning.Trainer:
    """A quiet trainer whose epochs are the stretches between validations."""
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    return lightning.Trainer(
        accelerator=settings.accelerator,
        devices=1,
        precision=PRECISIONS[settings.precision],
        callbacks=list(callbacks),
        max_epochs=-(-settings.max_steps // settings.validation_interval),
        reload_dataloaders_every_n_epochs=1,
        num_sanity_val_steps=0,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def put_probes(experiment: Experiment, module: PopulationModule, recorder: Recorder) -> None:
    """Put every probe to the population as it is now."""

    def predict(batch: Batch) -> np.ndarray:
        weights = module.population.weights
        stacked = batch.to(weights.device, weights.dtype).repeat(len(module.population))
        outputs = module.predict(stacked).double().cpu().numpy()
        outputs[~module.population.alive.cpu().numpy()] = np.nan
        return np.asarray(outputs)

    module.eval()
    for name, probe in experiment.probes.items():
        result = probe.run(predict, experiment.task, experiment.seeds)
        recorder.metrics(module.updates_done, result.metrics(name))
        title = f"{experiment.title}: probe {name}"
        recorder.figure(f"probe_{name}", probe.draw(result, experiment.task, title))
        scores = result.rows(experiment.seeds)
        recorder.table(f"probe_{name}", scores if result.table is None else result.table)
        recorder.table(f"scores_{name}", scores)
