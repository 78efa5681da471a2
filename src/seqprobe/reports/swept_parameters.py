"""Parameters over which runs were trained: the scores of each model at every value, all else being equal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from seqprobe.reports.compare_models import reading_order
from seqprobe.reports.comparison import Comparison, ScoreSummary, Variant
from seqprobe.reports.probed_values import is_number
from seqprobe.reports.variant_names import OF_RECORDS
from seqprobe.scoring import Score

DefaultValue = Callable[[str, str], str | None]
"""What a population's config states for a key, by the population's run and the key; None if it does not say."""


@dataclass(frozen=True)
class SweptPoint:
    """A model at one value of a parameter."""

    comparison: Comparison
    variant: Variant

    def summary(self, metric: str) -> ScoreSummary | None:
        """Its seeds by one score; None if that was not measured."""
        summary = self.comparison.summaries.get((self.variant.name, metric))
        return summary if summary is not None and summary.is_measured else None


@dataclass(frozen=True)
class SweptParameter:
    """A parameter in which runs of a task differ, everything else being equal.

    Attributes:
        key: as it was overridden: ``task.length``.
        values: in order; of numbers, from the least to the greatest.
        series: a model's points by value, by its name: the model with its other settings.
    """

    task: str
    key: str
    values: Sequence[str]
    series: Mapping[str, Mapping[str, SweptPoint]]

    @property
    def title(self) -> str:
        """``running_mean over task.length``."""
        return f"{self.task} over {self.key}"

    @property
    def is_numeric(self) -> bool:
        """Whether the values are numbers, so that they have an order and distances."""
        return all(map(is_number, self.values))

    @property
    def points(self) -> list[SweptPoint]:
        """All points."""
        return [point for by_value in self.series.values() for point in by_value.values()]

    @property
    def scores(self) -> dict[str, Score]:
        """What models are compared by, by metric name: the validation's main score, then each probe's."""
        known = {name: score for point in self.points for name, score in point.comparison.scores.items()}
        return {name: known[name] for name in sorted(known, key=reading_order)}


def swept_parameters(
    current: pd.DataFrame, compared: Sequence[Comparison], default_value: DefaultValue
) -> list[SweptParameter]:
    """Every parameter over which some model was trained at several values.

    Args:
        current: the members that are ``compared``, as `selection.current_members` gives them.
        default_value: of a run that does not override the parameter; such a run is left out if it is not known.
    """
    by_setting = {comparison.task: comparison for comparison in compared}
    rows = current.drop_duplicates(["setting", "variant"])
    swept = []
    for task, of_task in rows.groupby("task", sort=False):
        columns = (of_task[name] for name in ("setting", "variant", "model", "preset", "differing"))
        trained = [
            (point, " · ".join(filter(None, [model, preset])), dict(map(split_override, differing)))
            for setting, name, model, preset, differing in zip(*columns, strict=True)
            if (point := point_of(by_setting[setting], name)) is not None
        ]
        keys = dict.fromkeys(key for _, _, stated in trained for key in stated)
        for key in sorted(key for key in keys if not OF_RECORDS.match(f"{key}=") and not key.startswith("~")):
            series = series_over(key, trained, default_value)
            if series:
                values = {value for by_value in series.values() for value in by_value}
                swept.append(SweptParameter(str(task), key, sorted_values(values), series))
    return swept


def point_of(comparison: Comparison, name: str) -> SweptPoint | None:
    """A model of a comparison; None if none of its seeds has a result."""
    variant = next(variant for variant in comparison.variants if variant.name == name)
    return SweptPoint(comparison, variant) if variant.finite else None


def series_over(
    key: str, trained: Sequence[tuple[SweptPoint, str, Mapping[str, str]]], default_value: DefaultValue
) -> dict[str, dict[str, SweptPoint]]:
    """By model, its points by the value of one key; models that were trained at one value only are left out."""
    series: dict[str, dict[str, SweptPoint]] = {}
    for point, model, stated in trained:
        others = sorted(f"{name}={value}" for name, value in stated.items() if name != key)
        value = stated[key] if key in stated else default_value(point.variant.parent_id, key)
        if value is not None:
            text = f"{float(value):.10g}" if is_number(value) else value
            series.setdefault(" · ".join([model, *others]), {}).setdefault(text, point)
    return {name: by_value for name, by_value in series.items() if len(by_value) > 1}


def split_override(override: str) -> tuple[str, str]:
    """The key and the value of an override."""
    key, _, value = override.partition("=")
    return key.lstrip("+"), value


def sorted_values(values: set[str]) -> list[str]:
    """Numbers from the least to the greatest; other values by name."""
    return sorted(values, key=float) if all(map(is_number, values)) else sorted(values)
