"""The base class of all probes: out-of-distribution tests of the trained networks of a population."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar, get_args

import numpy as np
import torch

from seqprobe.batch import Batch, stack_batches
from seqprobe.checks import InvalidValue
from seqprobe.constructed import Constructed
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.probes.score_drawing import draw_scores
from seqprobe.scoring import MAE, RMSE, Score, score_named
from seqprobe.seeds import generator
from seqprobe.tasks import Task
from seqprobe.tasks.splits import draw_split

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Number = TypeVar("Number")
TaskT = TypeVar("TaskT", bound=Task)
T = TypeVar("T")


class NoAnswer(Exception):
    """Networks cannot be probed in this way; the message says why.

    A probe may raise it in `run`. It has no result then, the note on the run says why, and all else is recorded.
    """


class Members(Protocol):
    """The networks of a population, as a probe sees them.

    A batch holds the same sequences for all members or, with a leading ``seeds`` axis as `sample_for_seeds` adds it,
    separate sequences for each. Outputs always have that axis, with NaN for members that diverged.
    """

    def predict(self, batch: Batch) -> np.ndarray:
        """Outputs, ``(seeds, batch, …)``; NaN where a network of the user's own cannot answer."""

    def trace(self, batch: Batch) -> dict[str, np.ndarray]:
        """Every gate, candidate and state by name: ``(seeds, batch, time, units)`` each.

        Raises:
            NoAnswer: the network's own `trace` failed. The probe then has no result, and all else is recorded.
        """

    def state_gradient_norms(self, batch: Batch) -> np.ndarray:
        """The norm of the gradient of each sequence's loss by the state after each step: ``(seeds, batch, time)``.

        Only recurrent networks of ours have it.
        """

    def untrained_members(self) -> Members:
        """The same networks with the weights they had before training, as a control."""


class Probe(Constructed, ABC, Generic[TaskT]):
    """A test of every member of a trained population, on inputs unlike its training data or by looking inside.

    ``class Lag(Probe[Remember])`` accepts tasks of the class ``Remember`` alone; a ``Probe`` without a parameter
    accepts any task. A probe never trains and never records.
    """

    task_type: ClassVar[type[Task]] = Task  # type: ignore[type-abstract]  # compared with, never built
    """The tasks that the probe accepts, taken from the class's type parameter."""
    scores: tuple[Score, ...] = ()
    """What it measures, the main score first; what is not stated is known by its name, or descriptive."""
    reach: float | None = None
    """How far the band *beyond* reaches past the training range, in units of what is varied; None: one width of the
    range, or of a single value half of it (see `seqprobe.probes.bands`)."""
    needs_trace: ClassVar[bool] = False
    """Whether it looks inside, so that the network must have a `trace`."""
    needs_state_gradients: ClassVar[bool] = False
    """Whether it follows states through time, so that the network must be recurrent, in one direction."""
    libraries: ClassVar[tuple[str, ...]] = ()
    """Modules of other packages that it imports when it runs; the jobs of a sweep find them loaded."""

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        for base in cls.__dict__.get("__orig_bases__", ()):
            for argument in get_args(base):
                if isinstance(argument, type) and issubclass(argument, Task):
                    cls.task_type = argument

    @property
    def main_score(self) -> Score | None:
        """The score by which models are compared, if the probe states one."""
        return self.scores[0] if self.scores else None

    def check(self, task: TaskT) -> None:
        """Refuse a task that this probe cannot run on; called once, before anything runs.

        Raises:
            InvalidValue: the task is of another class, or does not fit the probe's arguments.
        """
        if not isinstance(task, self.task_type):
            allowed = f"cannot probe task {task.name}: it needs {self.task_type.description()}"
            raise InvalidValue("_target_", type(self).__name__, allowed)

    @abstractmethod
    def run(self, members: Members, task: TaskT, seeds: Sequence[int]) -> ProbeResult:
        """Measure all members. Anything random is drawn from the ``probes`` stream of each seed."""

    def during_training(self) -> Probe[TaskT] | None:
        """The probe that runs on a few snapshots of the training; None for none.

        The probe itself unless it looks inside; an expensive one returns a cheaper copy, or None.
        """
        return None if self.needs_trace else self

    def draw(self, result: ProbeResult, task: TaskT, title: str) -> Figure:
        """Draw ``result``: by default each score against the probed values, over an axis where they are numbers."""
        return draw_scores(result, {score: self.axis_name(score, task) for score in result.scores}, title)

    def axis_name(self, measure: str, task: TaskT) -> str:
        """A measure with its unit; errors of the outputs have the task's, if the probe states none."""
        stated = score_named(measure, self.scores)
        unit = stated.unit or (task.unit if measure in (RMSE.name, MAE.name) else "")
        name = measure.upper() if measure in (RMSE.name, MAE.name) else measure.replace("_", " ")
        return f"{name} ({unit})" if unit else name


def by_member(seeds: Sequence[int], compute: Callable[[int], T]) -> list[T]:
    """``compute(seed)`` for every member, called once for each seed: members of several snapshots have the same."""
    computed = {seed: compute(seed) for seed in dict.fromkeys(seeds)}
    return [computed[seed] for seed in seeds]


def sample_for_seeds(seeds: Sequence[int], sample: Callable[[torch.Generator], Batch]) -> Batch:
    """Call ``sample`` with each seed's ``probes`` stream and join the batches along a leading ``seeds`` axis."""
    return stack_batches(by_member(seeds, lambda seed: sample(generator(seed, "probes"))))


def training_means(task: Task, seeds: Sequence[int]) -> np.ndarray:
    """The mean target of every member's training set, which predicts best of all constants: ``(seeds, output_size)``.

    Only for tasks whose targets are numbers.
    """

    def mean_target(seed: int) -> np.ndarray:
        drawn = draw_split(task, "train", task.train_count, seed)
        return np.asarray(task.counted_targets(drawn).mean(0).numpy())

    return np.stack(by_member(seeds, mean_target))


def checked_list(key: str, values: Any, check: Callable[[str, Any], Number]) -> list[Number]:
    """Return ``values`` as a list whose every item passes ``check(key, item)``.

    Raises:
        InvalidValue: it is no list, is empty, or an item does not pass.
    """
    if isinstance(values, str) or not isinstance(values, Sequence) or not values:
        raise InvalidValue(key, values, "must be a list of one or more values")
    return [check(key, value) for value in values]
