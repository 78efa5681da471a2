"""The trials of one model's tuning: Optuna suggests them, and its journal beside the runs keeps what they came to.

The settings of a batch follow from the seed and the trials of earlier batches alone. So the same command tries the same
settings, and one that was killed goes on: what its batch has trained is in the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock, Timeout

from seqprobe.config.search_space import INTEGER, LOG, Dimension
from seqprobe.failure import JobFailed
from seqprobe.files import set_aside, write_atomically
from seqprobe.learning.recorder import Notice

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import Study

Values = Mapping[str, Any]
"""A value for each key of a space."""


@dataclass(frozen=True)
class Trial:
    """A setting that was tried.

    Attributes:
        values: the setting.
        losses: its median validation loss at each rung that it reached, infinite if it diverged.
        is_complete: whether it reached the last rung.
    """

    values: Values
    losses: Sequence[float]
    is_complete: bool

    @property
    def loss(self) -> float:
        """At the last rung that it reached."""
        return self.losses[-1]


class TuningStudy:
    """The trials of one model.

    Args:
        path: the journal.
        space: the settings that are searched.
        seed: of the sampler.
        batch: how many trials are drawn at random, before the others are drawn where those were good.
        notice: called with a line of text if the journal is damaged.
    """

    def __init__(self, path: Path, space: Sequence[Dimension], seed: int, batch: int, notice: Notice) -> None:
        self.path, self.space, self.seed, self.batch = path, space, seed, batch
        path.parent.mkdir(parents=True, exist_ok=True)
        drop_partial_line(path)
        try:
            self._stored = open_study(path)
        except Exception as problem:  # Optuna raises errors of many kinds for what is no journal
            name = set_aside(path).name
            notice(
                f"{path} cannot be read ({type(problem).__name__}): renamed to {name}; finished runs are not repeated"
            )
            self._stored = open_study(path)

    @property
    def trials(self) -> list[Trial]:
        """Those that are over, oldest first."""
        return [
            Trial(
                {key: entry.params[key] for key in entry.params},
                [entry.intermediate_values[rung] for rung in sorted(entry.intermediate_values)],
                entry.state.name == "COMPLETE",
            )
            for entry in self._stored.get_trials(deepcopy=False)
        ]

    def suggest(self, first: int, last: int) -> list[Values]:
        """The settings of a batch, the trials ``first`` to ``last - 1``; those before it are over."""
        import optuna

        study = quiet_study(None)
        study.add_trials(self._stored.get_trials(deepcopy=False)[:first])
        distributions = {dimension.key: distribution(dimension) for dimension in self.space}
        suggested = list[Values]()
        for number in range(first, last):
            seed = int(np.random.SeedSequence([self.seed, number]).generate_state(1)[0])
            study.sampler = optuna.samplers.TPESampler(n_startup_trials=self.batch, multivariate=True, seed=seed)
            drawn = study.ask(distributions).params
            suggested.append({dimension.key: dimension.rounded(drawn[dimension.key]) for dimension in self.space})
        return suggested

    def record(self, trial: Trial) -> None:
        """Keep a trial that is over."""
        from optuna.trial import TrialState, create_trial

        state = TrialState.COMPLETE if trial.is_complete else TrialState.PRUNED
        entry = create_trial(
            state=state,
            value=trial.loss if trial.is_complete else None,
            params=dict(trial.values),
            distributions={dimension.key: distribution(dimension) for dimension in self.space},
            intermediate_values=dict(enumerate(trial.losses)),
        )
        self._stored.add_trial(entry)


def best_trial(trials: Sequence[Trial]) -> Trial | None:
    """The complete trial with the least loss, the first of equal ones; None if all diverged or none is complete."""
    finite = [trial for trial in trials if trial.is_complete and trial.loss != float("inf")]
    return min(finite, key=lambda trial: trial.loss, default=None)


def open_study(path: Path) -> Study:
    """The study in a journal, which is made if there is none."""
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    return quiet_study(JournalStorage(JournalFileBackend(str(path))), path.stem)


def drop_partial_line(path: Path) -> None:
    """Remove what a process that was killed has written of a journal's last line: nothing could follow it."""
    if path.exists() and (content := path.read_bytes()) and not content.endswith(b"\n"):
        write_atomically(path, content[: content.rfind(b"\n") + 1])


def quiet_study(storage: Any, name: str | None = None) -> Study:
    """A study that prints nothing; without a storage in memory."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.create_study(storage=storage, study_name=name, direction="minimize", load_if_exists=True)


def distribution(dimension: Dimension) -> BaseDistribution:
    """A dimension as Optuna describes it."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if dimension.choices:
        return CategoricalDistribution(list(dimension.choices))
    is_log = LOG in dimension.words
    if INTEGER in dimension.words:
        return IntDistribution(int(dimension.low), int(dimension.high), log=is_log)
    return FloatDistribution(dimension.low, dimension.high, log=is_log)


@contextmanager
def locked_study(path: Path) -> Iterator[None]:
    """Let one process at a time tune a model; the journal's own lock, which a killed process leaves, is removed.

    Raises:
        JobFailed: another one does.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_suffix(".lock"))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise JobFailed(f"another process is running this tuning ({path.name}); wait until it ends") from None
    try:
        Path(f"{path}.lock").unlink(missing_ok=True)  # Optuna would wait 30 seconds
        yield
    finally:
        lock.release()
