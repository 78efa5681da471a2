"""The comparison of a task's models, from which all tables and pages are rendered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seqprobe.learned import DIVERGED, FINITE, LEARNED, NOT_LEARNED, OUTCOMES, SOLVED
from seqprobe.reports.share_statistics import Shares
from seqprobe.reports.statistics import Difference, Interval
from seqprobe.scoring import MetricName, Score, level_label

BETTER, WORSE, EQUIVALENT, UNDECIDED, TOO_FEW = "better", "worse", "equivalent", "undecided", "too few seeds"
"""What is known of a model beside another one, by one score."""
BEST, UNRANKED = "best", NOT_LEARNED
"""Marks of a model by one score."""


@dataclass(frozen=True)
class Variant:
    """A model as it was trained on a task: one row of the comparison.

    Attributes:
        name: the model, with the preset and the settings that others do not share.
        parent_id: the newest finished population's run; of those that have not finished, if none has.
        populations: the seeds that are taken from each population, by its run.
        runs: its members' runs, by seed.
        states: of each member its outcome (`seqprobe.learned.OUTCOMES`), or its run's status instead of FINISHED, by
            seed.
        tuned: how thoroughly its settings were tuned: ``30 trials``; empty if they were not.
    """

    name: str
    model: str
    parent_id: str
    experiment_id: str
    populations: Mapping[str, Sequence[int]]
    runs: Mapping[int, str]
    states: Mapping[int, str]
    tuned: str = ""

    def count(self, *states: str) -> int:
        """The number of members in one of these states."""
        return sum(member in states for member in self.states.values())

    @property
    def finite(self) -> int:
        """The number of members that finished and did not diverge."""
        return self.count(*(outcome for outcome in OUTCOMES if outcome != DIVERGED))

    @property
    def solved(self) -> Mapping[int, bool]:
        """By seed, whether a member that finished solved the task; empty if some cannot be judged."""
        outcomes = {seed: state for seed, state in self.states.items() if state in OUTCOMES}
        return {} if FINITE in outcomes.values() else {seed: state == SOLVED for seed, state in outcomes.items()}

    @property
    def has_learned(self) -> bool:
        """Whether at least half of its members learned the task, or could not be judged."""
        return 2 * self.count(SOLVED, LEARNED, FINITE) >= self.count(*OUTCOMES)

    @property
    def seeds_text(self) -> str:
        """The number of seeds, and what happened to those without a result: ``3 of 4, 1 diverged``."""
        states = sorted({*self.states.values()} - {outcome for outcome in OUTCOMES if outcome != DIVERGED})
        others = [f"{self.count(state)} {state}" for state in states]
        trained = f"{self.finite} of {len(self.states)}" if others else str(len(self.states))
        return ", ".join([trained, *others])

    @property
    def solved_text(self) -> str:
        """Of how many of its members solved the task: ``5 of 5``, ``1 of 5, 4 learned``, ``did not learn, 1 of 5``."""
        if not self.solved:
            return ""
        learned, among = self.count(SOLVED, LEARNED), f"of {len(self.solved)}"
        if not self.has_learned:
            return f"{NOT_LEARNED} ({learned} {among} did)" if learned else NOT_LEARNED
        solved = self.count(SOLVED)
        return f"{solved} {among}" + (f" ({learned} learned)" if solved < learned else "")


@dataclass(frozen=True)
class ScoreSummary:
    """One model's seeds by one score.

    Attributes:
        values: finite ones, by seed.
        mark: ``best``; of a probe's score ``did not learn`` if the network did not learn the task and is not ranked by
            it; or empty.
        is_measured: whether it was measured at all; a model may lack a probe.
    """

    values: Mapping[int, float]
    interval: Interval | None
    mark: str = ""
    is_measured: bool = True


@dataclass(frozen=True)
class Pair:
    """Two models by one score.

    Attributes:
        metric: the metric's name, and ``score`` what it measures.
        difference: first minus second on the same seeds; of natural logarithms if the score is compared by ratios.
        shares: of seeds that solved the task, if the models are compared by these.
        common: the number of seeds that both have.
        word: what is known of the first model beside the second: ``better``, ``worse``, ``equivalent``, ``undecided``
            or ``too few seeds``.
        family: how many pairs are compared together.
    """

    metric: str
    score: Score
    first: str
    second: str
    difference: Difference | None = None
    shares: Shares | None = None
    common: int = 0
    word: str = TOO_FEW
    family: int = 1

    @property
    def evidence(self) -> Difference | Shares | None:
        """What the models are compared by; None with too few seeds."""
        return self.difference if self.shares is None else self.shares

    @property
    def size(self) -> float:
        """The median difference, or the difference of shares; NaN with too few seeds."""
        if self.shares is not None:
            return self.shares.difference
        return float("nan") if self.difference is None else self.difference.interval.median


@dataclass(frozen=True)
class Comparison:
    """All models of a task.

    Attributes:
        task: its name, with those of its settings that differ between runs.
        tested: how many pairs of models are compared, by metric name; ``pairs`` holds those that are shown.
        scores: what models are compared by, by metric name; validation first, then each probe's mean over each band.
        summaries: by model and metric name.
        probes: all that ran on any of the models.
        levels: reference levels to read a score against, by metric name and role.
    """

    task: str
    tested: Mapping[str, int]
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

    def labelled_levels(self, metric: str) -> dict[str, float]:
        """The reference levels of a metric by label; if it has none, the validation's, if that has the same score."""
        if self.levels.get(metric):
            return {level_label(role): level for role, level in self.levels[metric].items()}
        if self.validation is None or self.validation.name != MetricName.parse(metric).measure:
            return {}
        return {f"{level_label(role)}, validation": level for role, level in self.validation_levels.items()}

    def probe_score(self, probe: str) -> Score | None:
        """The score by which models are compared on a probe, if any."""
        return next((self.scores[metric] for metric in self.probe_metrics(probe)), None)

    def probe_metrics(self, probe: str) -> list[str]:
        """The metrics by which models are compared on a probe: one for each band."""
        parts = {name: MetricName.parse(name) for name in self.scores}
        return [name for name, part in parts.items() if (part.group, part.probe) == ("probe", probe)]

    @property
    def roles(self) -> list[str]:
        """The roles of all reference levels."""
        return list(dict.fromkeys(role for levels in self.levels.values() for role in levels))
