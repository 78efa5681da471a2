"""What learning and evaluation record and report. MLflow implements it; `MemoryRecorder` serves notebooks and tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from seqprobe.learning.member_arrays import History, metric_arrays

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure

    from seqprobe.learning.result import TrainResult


Notice = Callable[[str], None]
"""Called with one line of text for the user."""
PROBE_IMAGES, SNAPSHOT_IMAGES = "probe", "probe during training"
"""Names of the images of probes begin with these and a slash; the UI makes a section of each."""


Drawing = Callable[["Recorder"], None]
"""Draws figures from what is known, and records them with their tables; it does nothing else."""


class Recorder(Protocol):
    """Records one population's training; arrays have one value per member."""

    def record_params(self, shared: Mapping[str, object]) -> None:
        """Parameters that hold for every member."""

    def record_metrics(self, step: int, values: Mapping[str, np.ndarray]) -> None:
        """Metrics after ``step`` updates: ``(seeds,)`` each, NaN for members that diverged."""

    def record_scores(self, scores: Mapping[str, np.ndarray]) -> None:
        """All scores after training, by metric name, ``(seeds,)`` each; only the main ones are metrics as well."""

    def record_levels(self, levels: Mapping[str, np.ndarray]) -> None:
        """What other predictors score in the validation's main score, by their role, ``(seeds,)`` each."""

    def flush(self) -> None:
        """Make what was recorded so far survive the death of this process."""

    def record_figure(self, name: str, figure: Figure, image: str = "") -> None:
        """A figure of the whole population.

        Args:
            image: the name under which it is shown beside those of other populations; empty if it is not.
        """

    def record_snapshot(self, image: str, figure: Figure, step: int) -> None:
        """A figure of the population after ``step`` updates, which is shown beside those of others and other steps."""

    def record_animation(self, name: str, gif: bytes, steps: Sequence[int]) -> None:
        """An animated GIF of the whole population, whose frames show it after ``steps`` updates."""

    def record_drawings(self, drawings: Sequence[Drawing]) -> None:
        """Figures and tables that ``drawings`` record, in two processes if a core is free; in any order."""

    def record_table(self, name: str, table: pandas.DataFrame) -> None:
        """The numbers behind the figure of the same name."""

    def record_text(self, name: str, text: str) -> None:
        """A plain text of the whole population."""

    def record_note(self, markdown: str) -> None:
        """A summary of the run; ``![text](figures/name.png)`` shows a figure that was recorded before."""

    def record_members(self, result: TrainResult) -> None:
        """The trained members, each as a model and as an archive from which a later population takes it over."""

    def record_outcomes(self, outcomes: Sequence[str], steps: Sequence[int], causes: Sequence[str]) -> None:
        """The outcome of each member.

        Args:
            outcomes: of `seqprobe.learned.OUTCOMES`.
            steps: the update at which it diverged, -1 for none.
            causes: what became NaN or infinite, empty for nothing.
        """


@dataclass
class MemoryRecorder:
    """Keeps everything in memory: ``metrics_at[name][step]`` is ``(seeds,)``."""

    shared: dict[str, object] = field(default_factory=dict)
    metrics_at: History = field(default_factory=dict)
    scores: dict[str, np.ndarray] = field(default_factory=dict)
    levels: dict[str, np.ndarray] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)
    snapshots: dict[tuple[str, int], Figure] = field(default_factory=dict)
    animations: dict[str, bytes] = field(default_factory=dict)
    tables: dict[str, pandas.DataFrame] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    outcomes: list[str] = field(default_factory=list)
    diverged_at: list[int] = field(default_factory=list)
    causes: list[str] = field(default_factory=list)
    best_weights: np.ndarray | None = None
    noted: str = ""

    def record_params(self, shared: Mapping[str, object]) -> None:
        self.shared.update(shared)

    def record_metrics(self, step: int, values: Mapping[str, np.ndarray]) -> None:
        for name, value in values.items():
            self.metrics_at.setdefault(name, {})[step] = value

    def record_scores(self, scores: Mapping[str, np.ndarray]) -> None:
        self.scores.update(scores)

    def record_levels(self, levels: Mapping[str, np.ndarray]) -> None:
        self.levels.update(levels)

    def flush(self) -> None:
        pass

    def record_figure(self, name: str, figure: Figure, image: str = "") -> None:
        self.figures[name] = figure

    def record_snapshot(self, image: str, figure: Figure, step: int) -> None:
        self.snapshots[image, step] = figure

    def record_animation(self, name: str, gif: bytes, steps: Sequence[int]) -> None:
        self.animations[name] = gif

    def record_drawings(self, drawings: Sequence[Drawing]) -> None:
        for draw in drawings:
            draw(self)

    def record_table(self, name: str, table: pandas.DataFrame) -> None:
        self.tables[name] = table

    def record_text(self, name: str, text: str) -> None:
        self.texts[name] = text

    def record_note(self, markdown: str) -> None:
        self.noted = markdown

    def record_members(self, result: TrainResult) -> None:
        self.best_weights = result.best_weights

    def record_outcomes(self, outcomes: Sequence[str], steps: Sequence[int], causes: Sequence[str]) -> None:
        self.outcomes, self.diverged_at, self.causes = list(outcomes), list(steps), list(causes)

    def last(self, name: str) -> np.ndarray:
        """The latest values of a metric, or of a score that is none, ``(seeds,)``."""
        return list(self.metrics_at[name].values())[-1] if name in self.metrics_at else self.scores[name]

    def history(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """A metric's updates ``(n,)`` and values ``(seeds, n)``."""
        at = self.metrics_at[name]
        return metric_arrays(at, len(next(iter(at.values()))))
