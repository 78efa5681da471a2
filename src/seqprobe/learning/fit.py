"""Train one population with Lightning, in as many groups of members as memory needs."""

from __future__ import annotations

import gc
import logging
from collections.abc import Sequence

import pytorch_lightning as lightning
import torch

from seqprobe.batch import Batch
from seqprobe.learning.callbacks import BestWeights, Frames, Progress, Recording, ShowProgress, as_arrays
from seqprobe.learning.data import PopulationData, drawn
from seqprobe.learning.engine import choose_engine
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.memory import budget, bytes_at_work, bytes_held, groups
from seqprobe.learning.module import MODULES
from seqprobe.learning.recorder import History, MemoryRecorder, Recorder
from seqprobe.learning.result import TrainResult, joined
from seqprobe.learning.settings import PRECISIONS, TrainerSettings
from seqprobe.models.engines import build_population

SHOWN = {"seq2seq": 6, "seq2vec": 200}
"""How many validation sequences the fit's figure and animation show."""
UPDATES_PER_BATCH = 50
"""Most updates in one Lightning batch; progress is shown as often."""


def fit(
    experiment: Experiment,
    recorder: Recorder,
    progress: Progress | None = None,
    callbacks: Sequence[lightning.Callback] = (),
) -> TrainResult:
    """Train a population and record its metrics.

    Members whose data do not fit into memory together are trained in groups, one after the other; what is recorded is
    the same up to rounding, but metrics reach the recorder with the last group. ``callbacks`` see every group.
    """
    network, seeds, task = experiment.build_network(), experiment.seeds, experiment.task
    device = lightning_trainer(experiment.trainer, []).strategy.root_device
    available = budget(experiment.trainer.memory_gib, device) // 2  # half holds members, half computes with them
    at_once = max(2, available // bytes_at_work(task, network, experiment.dtype))
    shown = drawn(task, task.val_size, seeds[:1], "validation_data", experiment.dtype).member(0).head(SHOWN[task.kind])
    engine, results = experiment.engine, list[TrainResult]()
    cut = groups(seeds, bytes_held(task, network, experiment.dtype), available)
    for index, own in enumerate(cut):
        seen = list(callbacks) if progress is None else [*callbacks, ShowProgress(progress, index, len(cut))]
        group = Group(experiment, own, at_once, shown, device)
        engine = group.choose(engine)
        if index == 0:
            recorder.params({"engine": engine, "parameters": sum(p.numel() for p in trained(network))})
        last = index == len(cut) - 1
        before = [result.history for result in results] if last else []
        results.append(group.fit(engine, recorder if last else MemoryRecorder(), before, seen))
        if not last:  # Lightning's objects name each other, and the data with them
            del group
            gc.collect()
    if len(results) == 1:
        return results[0]
    population = build_population(experiment.build_network, seeds, engine, at_once).to(device, experiment.dtype)
    population.take_over([result.population for result in results])
    return joined(results, population)


def trained(network: torch.nn.Module) -> list[torch.nn.Parameter]:
    """The parameters that are trained."""
    return [parameter for parameter in network.parameters() if parameter.requires_grad]


class Group:
    """Some members of an experiment, with their data."""

    def __init__(
        self, experiment: Experiment, seeds: Sequence[int], at_once: int, shown: Batch, device: torch.device
    ) -> None:
        self.experiment, self.seeds, self.at_once, self.shown, self.device = experiment, seeds, at_once, shown, device
        settings = experiment.trainer
        every, dtype = settings.validation_interval, experiment.dtype
        self.data = PopulationData(
            experiment.task, seeds, settings.max_steps, every, UPDATES_PER_BATCH, dtype, settings.reshuffle
        )

    def choose(self, engine: str) -> str:
        """The engine that was asked for, or the faster one."""
        return choose_engine(engine, self.experiment.build_network, self.seeds, self.data, self.device, self.at_once)

    def fit(
        self, engine: str, recorder: Recorder, before: Sequence[History], callbacks: Sequence[lightning.Callback]
    ) -> TrainResult:
        """Train; ``before`` is what groups before this one recorded."""
        experiment, settings = self.experiment, self.experiment.trainer
        population = build_population(experiment.build_network, self.seeds, engine, self.at_once)
        module = MODULES[experiment.task.kind](population, self.data, experiment.optimizer, settings.gradient_clip)
        recording, best, frames = Recording(recorder, settings.log_interval, before), BestWeights(), Frames(self.shown)
        references = self.data.reference_levels()
        recording.tell(0, {f"reference/{name}": level.score for name, level in references.items()})
        trainer = lightning_trainer(settings, [recording, best, frames, *callbacks])
        trainer.validate(module, datamodule=self.data, verbose=False)
        if settings.max_steps:
            trainer.fit(module, datamodule=self.data)
        return TrainResult(
            population=population,
            engine=engine,
            updates=module.updates_done,
            scores=as_arrays(module.val_scores),
            diverged_at=module.diverged_at.cpu().numpy(),
            references=references,
            best_weights=best.weights.cpu().numpy(),
            best_scores=as_arrays(best.scores),
            history=recording.history,
            shown=self.shown,
            frames=frames.outputs,
        )


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
