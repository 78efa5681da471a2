"""The parts of a group's training that a checkpoint keeps: new, or as a checkpoint has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seqprobe.batch import Batch
from seqprobe.learning.callbacks import BestWeights, PopulationCallback, Recording
from seqprobe.learning.checkpoint import State
from seqprobe.learning.checkpoint_check import check_state
from seqprobe.learning.data import PopulationData
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.frames import Frames
from seqprobe.learning.module import MODULES, PopulationModule
from seqprobe.learning.plan import Plan
from seqprobe.learning.recorder import Recorder
from seqprobe.learning.snapshots import Snapshots


@dataclass(frozen=True)
class TrainingParts:
    """The Lightning module that trains a group of members, and the callbacks that observe it."""

    module: PopulationModule
    recording: Recording
    best: BestWeights
    frames: Frames
    snapshots: Snapshots

    @classmethod
    def begin(
        cls,
        experiment: Experiment,
        plan: Plan,
        seeds: Sequence[int],
        data: PopulationData,
        shown: Batch,
        recorder: Recorder,
    ) -> TrainingParts:
        """The parts before the first update."""
        population = plan.population(experiment, seeds).to(experiment.dtype)
        settings = experiment.trainer
        module = MODULES[experiment.task.kind](
            population, data, experiment.optimizer, settings.gradient_clip, experiment.scheduler, experiment.chosen_loss
        )
        recording = Recording(recorder, settings.log_interval)
        return cls(module, recording, BestWeights(), Frames(shown), Snapshots())

    @property
    def observers(self) -> dict[str, PopulationCallback]:
        """The callbacks by the names of their states in a checkpoint, in the order in which they are called."""
        names = ("recording", "best", "frames", "snapshots")
        return {name: getattr(self, name) for name in names}

    def restore(self, state: State) -> TrainingParts:
        """Load the state of a checkpoint into these parts, and return them.

        Raises:
            Exception: of any kind, if the checkpoint is of another training; some parts may have changed.
        """
        check_state(state, self.module)
        self.module.load_training_state(state["module"])
        for name, observer in self.observers.items():
            observer.load_state_dict(state[name])
        return self
