"""The comparison of a task's models, from which all tables and pages are rendered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seqprobe.reports.statistics import Difference, Interval
from seqprobe.scoring import MetricName, Score, level_label


@dataclass(frozen=True)
class Variant:
    """A model as it was trained on a task: one row of the comparison.

    Attributes:
        name: the model, with the preset and the settings that others do not share.
        parent_id: the newest finished population's run; of those that have not finished, if none has.
        populations: the seeds that are taken from each population, by its run.
        runs: its members' runs, by seed.
        states: of each member ``finite``, ``diverged``, or its run's status instead of FINISHED, by seed.
    """

    name: str
    model: str
    parent_id: str
    experiment_id: str
    populations: Mapping[str, Sequence[int]]
    runs: Mapping[int, str]
    states: Mapping[int, str]

    def count(self, state: str) -> int:
        """The number of members in a state."""
        return sum(member == state for member in self.states.values())

    @property
    def seeds_text(self) -> str:
        """The number of seeds, and what happened to those without a result: ``3 of 4, 1 diverged``."""
        others = [f"{self.count(state)} {state}" for state in sorted({*self.states.values()} - {"finite"})]
        trained = f"{self.count('finite')} of {len(self.states)}" if others else str(len(self.states))
        return ", ".join([trained, *others])


@dataclass(frozen=True)
class ScoreSummary:
    """One model's seeds by one score.

    Attributes:
        values: finite ones, by seed.
        mark: ``best``, ``tied`` if paired seeds show no difference from the best, or empty.
    """

    values: Mapping[int, float]
    interval: Interval | None
    mark: str = ""


@dataclass(frozen=True)
class Pair:
    """Two models on the same seeds.

    Attributes:
        metric: the metric's name, and ``score`` what it measures.
        difference: first minus second; of natural logarithms if the score is compared by ratios. None with fewer than
            two shared seeds.
        real: whether it is more than chance, with all pairs of the same score together.
    """

    metric: str
    score: Score
    first: str
    second: str
    difference: Difference | None
    real: bool


@dataclass(frozen=True)
class Comparison:
    """All models of a task.

    Attributes:
        task: its name, with those of its settings that differ between runs.
        family: how many pairs of models there are for each score; ``pairs`` holds those that are shown.
        scores: what models are compared by, by metric name; validation first, then each probe's mean.
        summaries: by model and metric name.
        probes: all that ran on any of the models.
        levels: reference levels to read a score against, by metric name and role.
    """

    task: str
    family: int
    scores: Mapping[str, Score]
    variants: Sequence[Variant]
    summaries: Mapping[tuple[str, str], ScoreSummary]
    pairs: Sequence[Pair]
    probes: Sequence[str]
    levels: Mapping[str, Mapping[str, float]]

    @property
    def validation(self) -> Score | None:
        """The score of the validation, if any model has one."""
        return next((score for name, score in self.scores.items() if MetricName.parse(name).group == "val"), None)

    @property
    def validation_levels(self) -> Mapping[str, float]:
        """The reference levels of the validation's score, by role."""
        return next((levels for name, levels in self.levels.items() if MetricName.parse(name).group == "val"), {})

    def labelled_levels(self, score: Score) -> dict[str, float]:
        """The validation's reference levels by label, for figures of the same score; empty for another score."""
        if self.validation is None or self.validation.name != score.name:
            return {}
        return {f"{level_label(role)}, validation": level for role, level in self.validation_levels.items()}

    def probe_score(self, probe: str) -> Score | None:
        """The score by which models are compared on a probe, if any."""
        parts = {MetricName.parse(name): score for name, score in self.scores.items()}
        return next((score for part, score in parts.items() if (part.group, part.probe) == ("probe", probe)), None)

    @property
    def roles(self) -> list[str]:
        """The roles of all reference levels."""
        return list(dict.fromkeys(role for levels in self.levels.values() for role in levels))
