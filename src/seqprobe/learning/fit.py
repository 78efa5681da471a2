"""Train one population with Lightning, in as many groups of members as memory needs."""

from __future__ import annotations

import dataclasses
import gc
import zlib
from collections.abc import Sequence

import numpy as np
import torch

from seqprobe.batch import Batch
from seqprobe.learning.archive import restore_result
from seqprobe.learning.callbacks import Checkpointing, Progress, ShowProgress, as_arrays
from seqprobe.learning.checkpoint import Checkpoints
from seqprobe.learning.data import PopulationData, draw_sequences
from seqprobe.learning.devices import full_float32
from seqprobe.learning.divergence import freeze_nonfinite
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.lightning_import import lightning
from seqprobe.learning.lightning_trainer import lightning_trainer, training_device
from seqprobe.learning.member_arrays import MemberArrays, by_update
from seqprobe.learning.plan import Plan, group_data, make_plan
from seqprobe.learning.previous_work import PLAN, PreviousWork
from seqprobe.learning.recorder import MemoryRecorder, Recorder
from seqprobe.learning.result import FRAMES, SNAPSHOTS, TrainResult, join_results
from seqprobe.learning.training_parts import TrainingParts
from seqprobe.models.random_layers import preserved_generators, torch_dropout

SHOWN = {"seq2seq": 6, "seq2vec": 200}
"""How many validation sequences the fit's figure and animation show."""


@full_float32()
def fit(
    experiment: Experiment,
    recorder: Recorder,
    *,
    progress: Progress | None = None,
    callbacks: Sequence[lightning.Callback] = (),
    previous: PreviousWork | None = None,
) -> TrainResult:
    """Train a population and record its metrics.

    Members whose data do not fit into memory together are trained in groups, one after the other, and members that
    are in ``previous`` are taken over; what is recorded is the same up to rounding, but then metrics reach the
    recorder at the end. ``callbacks`` see every group.
    """
    previous = previous or PreviousWork()
    network, seeds, task = experiment.build_network(), experiment.seeds, experiment.task
    device = training_device(experiment.trainer)
    plan, data = previous.plan, None
    if plan is None:
        plan, data = make_plan(experiment, previous.members, device)
        previous.checkpoints.save(PLAN, dataclasses.asdict(plan))
    shown = draw_sequences(task, task.val_size, [0], "val", experiment.dtype).member(0).head(SHOWN[task.kind])
    recorder.record_params({"engine": plan.engine, "parameters": sum(p.numel() for p in trainable_parameters(network))})
    missing = [seed for group in plan.groups for seed in group]
    known = [seed for seed in seeds if seed not in missing]
    is_single_group = not known and len(plan.groups) == 1
    results = list[TrainResult]()
    if known:
        taken_over = plan.population(experiment, known).to(experiment.dtype).to(device)
        results.append(restore_result([previous.members[seed] for seed in known], taken_over, plan.engine, shown))
    for index, members in enumerate(plan.groups):
        seen = list(callbacks) if progress is None else [*callbacks, ShowProgress(progress, index, len(plan.groups))]
        group = Group(experiment, plan, members, data or group_data(experiment, members), shown, previous.checkpoints)
        results.append(group.fit(recorder if is_single_group else MemoryRecorder(), seen))
        data = None
        if not is_single_group:  # Lightning's objects reference each other, and with them the data: free it now
            del group
            gc.collect()
    if is_single_group:
        return results[0]
    population = plan.population(experiment, seeds).to(experiment.dtype).to(device)
    place = {seed: index for index, seed in enumerate([*known, *missing])}
    order = [place[seed] for seed in seeds]
    population.take_over([result.population for result in results], order)
    result = join_results(results, order, population)
    for step, values in by_update(result.history):
        recorder.record_metrics(step, values)
    return result


def trainable_parameters(network: torch.nn.Module) -> list[torch.nn.Parameter]:
    """The parameters that are trained."""
    return [parameter for parameter in network.parameters() if parameter.requires_grad]


class Group:
    """Some members of an experiment, with their data."""

    def __init__(
        self,
        experiment: Experiment,
        plan: Plan,
        seeds: Sequence[int],
        data: PopulationData,
        shown: Batch,
        checkpoints: Checkpoints,
    ) -> None:
        self.experiment, self.plan, self.seeds, self.data = experiment, plan, seeds, data
        self.shown, self.checkpoints = shown, checkpoints
        self.name = f"group-{zlib.crc32(str(list(seeds)).encode()):08x}"

    def fit(self, recorder: Recorder, callbacks: Sequence[lightning.Callback]) -> TrainResult:
        """Train the group, or resume from its newest checkpoint."""
        settings = self.experiment.trainer
        resumed = self.checkpoints.load(self.name, lambda state: self._new_parts(recorder).restore(state))
        parts = resumed or self._new_parts(recorder)
        module, population, recording = parts.module, parts.module.population, parts.recording
        saving = Checkpointing(self.checkpoints, self.name, dataclasses.asdict(self.plan), recorder, parts.observers)
        references = self.data.reference_levels()
        interval = settings.validation_interval
        epochs = -(-settings.max_steps // interval) - module.updates_done // interval
        trainer = lightning_trainer(settings, [*parts.observers.values(), saving, *callbacks], epochs)
        device = trainer.strategy.root_device
        with preserved_generators(device), torch_dropout(population):
            if resumed:
                recording.record_again()
            else:
                freeze_nonfinite(module)
                trainer.validate(module, datamodule=self.data, verbose=False)
            if module.updates_done < settings.max_steps:
                # Lightning calls PopulationModule.training_step for each span of updates.
                trainer.fit(module, datamodule=self.data)
        population.to(device).eval()  # Lightning has left it on the CPU; probes run where it was trained
        arrays = {
            "diverged_at": module.diverged_at.cpu().numpy(),
            "cause": np.array(module.causes, dtype=str),
            "best_weights": parts.best.weights.cpu().numpy(),
            **{f"score:{name}": values for name, values in as_arrays(module.val_scores).items()},
            **{f"best_score:{name}": values for name, values in as_arrays(parts.best.scores).items()},
            **{f"reference:{role}": np.stack(levels, 1) for role, levels in references.items()},
        }
        series = {**recording.history, FRAMES: parts.frames.outputs, SNAPSHOTS: parts.snapshots.weights}
        return TrainResult(
            population=population,
            engine=self.plan.engine,
            updates=module.updates_done,
            shown=self.shown,
            members=MemberArrays(arrays, series),
        )

    def _new_parts(self, recorder: Recorder) -> TrainingParts:
        return TrainingParts.begin(self.experiment, self.plan, self.seeds, self.data, self.shown, recorder)
