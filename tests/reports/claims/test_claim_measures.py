"""Each measure on small populations whose result is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from seqprobe.checks import InvalidValue
from seqprobe.reports.claims import RunMetric
from seqprobe.reports.claims.claim_measures import MEASURES
from seqprobe.reports.claims.paired_measures import thousand_examples
from seqprobe.reports.claims.recorded_run import NEVER


@dataclass
class Population:
    """A recorded population of as many seeds as its metrics have values."""

    finals: Mapping[str, np.ndarray] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    steps: np.ndarray = field(default_factory=lambda: np.array([50, 100, 200]))
    values: np.ndarray = field(default_factory=lambda: np.ones((1, 3)))

    def history(self, metric: str) -> tuple[np.ndarray, np.ndarray]:
        assert metric == "val/loss"
        return self.steps, self.values


def finals(**metrics: list[float]) -> Population:
    return Population({f"val/{name}": np.array(values) for name, values in metrics.items()})


ONE = {"only": finals(a=[1.0, -4.0], b=[2.0, 2.0], c=[0.5, 5.0], loss=[0.1, np.nan])}
TWO = {"left": finals(a=[1.0, 4.0]), "right": finals(a=[2.0, 0.0])}


@pytest.mark.parametrize(
    ("name", "arguments", "runs", "expected"),
    [
        ("final", {"metric": "val/a"}, ONE, [1, -4]),
        ("final", {"metric": {"run": "right", "metric": "val/a", "per": 4}}, TWO, [0.5, 0]),
        ("distance", {"metrics": ["val/a"], "target": 2}, ONE, [1, 6]),
        ("distance", {"metrics": ["val/a", "val/c"]}, ONE, [1, 5]),
        ("distance", {"metrics": [{"metric": "val/a", "per": 2}, "val/b"], "target": 1}, ONE, [1, 3]),
        ("distance", {"metrics": ["val/b", "val/loss"]}, ONE, [2, np.nan]),
        ("least", {"metrics": ["val/a", "val/b", "val/c"]}, ONE, [0.5, -4]),
        ("least", {"metrics": ["val/b", "val/loss"]}, ONE, [0.1, np.nan]),
        ("spread", {"metrics": ["val/a", "val/b", "val/c"]}, ONE, [4, np.inf]),
        ("least_step", {"metrics": ["val/a", "val/b", "val/c"]}, ONE, [-1.5, 3]),
        ("ratio", {"numerator": "val/a", "denominator": "val/b"}, ONE, [0.5, -2]),
        (
            "ratio",
            {"numerator": {"metric": "val/a", "per": 0.5}, "denominator": {"metric": "val/b", "per": 2}},
            ONE,
            [2, -8],
        ),
        (
            "ratio",
            {"numerator": {"run": "left", "metric": "val/a"}, "denominator": {"run": "right", "metric": "val/a"}},
            TWO,
            [0.5, np.inf],
        ),
        ("median_ratio", {"numerator": "val/a", "denominator": "val/b"}, ONE, [-0.75]),
        ("median_ratio", {"numerator": "val/loss", "denominator": "val/b"}, ONE, [0.05]),
        ("difference", {"first": "val/a", "second": "val/b"}, ONE, [-1, -6]),
        (
            "difference",
            {"first": {"run": "left", "metric": "val/a"}, "second": {"run": "right", "metric": "val/a"}},
            TWO,
            [-1, 4],
        ),
        ("diverged", {}, ONE, [0, 1]),
    ],
)
def test_a_measure_of_last_values(name: str, arguments: dict[str, Any], runs: Any, expected: list[float]) -> None:
    np.testing.assert_array_equal(MEASURES[name](**arguments).values(runs), expected)


def test_a_parameter_is_one_number_for_all_seeds() -> None:
    measure = MEASURES["parameter"](**{"parameter": "parameters"})
    assert measure.values({"only": Population(params={"parameters": "755"})}).tolist() == [755]
    with pytest.raises(KeyError, match="parameters"):
        measure.values({"only": Population()})


FAST = Population(
    params={"batch_size": "20"}, values=np.array([[1.0, 0.1, 0.5], [1.0, 0.5, 0.05], [1.0, np.nan, np.nan]])
)
SLOW = Population(params={"batch_size": "20"}, values=np.array([[1.0, 1.0, 0.1], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]))


def test_examples_are_counted_until_a_level_is_first_reached() -> None:
    assert thousand_examples(FAST, "val/loss", 0.1).tolist() == [2, 4, NEVER]


def test_a_speedup_is_never_where_only_the_slow_one_fails_and_undefined_where_both_do() -> None:
    measure = MEASURES["speedup"](**{"slow": "a", "fast": "b", "metric": "val/loss", "level": 0.1})
    np.testing.assert_array_equal(measure.values({"a": SLOW, "b": FAST}), [2, NEVER, np.nan])


def test_one_number_of_a_population_says_nothing_of_how_many_seeds() -> None:
    assert {name for name, kind in MEASURES.items() if not kind.is_per_seed} == {"parameter", "median_ratio"}


def test_a_measure_says_which_runs_it_reads() -> None:
    assert MEASURES["speedup"](**{"slow": "a", "fast": "b", "metric": "val/loss", "level": 1}).labels() == {"a", "b"}
    assert MEASURES["parameter"](**{"parameter": "lr", "run": "a"}).labels() == {"a"}
    assert MEASURES["final"](**{"metric": "val/rmse"}).labels() == {""}


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("final", {"metric": 3}, "metric=3: must be a metric's name, or {metric: …, run: …, per: …}"),
        ("final", {"metric": {"run": "a"}}, "metric={…}: must be a metric's name, or"),
        ("final", {"metric": {"metric": "val/a", "by": 2}}, "metric={…}: must be a metric's name, or"),
        (
            "final",
            {"metric": "rmse"},
            "metric=rmse: must be a metric's name, which begins with train, val, best, probe, ",
        ),
        ("final", {"metric": "vall/rmse"}, "metric=vall/rmse: must be a metric's name, which begins with"),
        ("final", {"metric": {"metric": "val/a", "per": 0}}, "metric.per=0.0: must not be 0"),
        ("distance", {"metrics": "val/a"}, "metrics=val/a: must be a list of 1 or more metrics"),
        ("distance", {"metrics": ["val/a"], "target": "x"}, "target=x: must be a finite number"),
        ("distance", {"metrics": ["val/a", 2]}, "metrics[1]=2: must be a metric's name, or"),
        ("least_step", {"metrics": ["val/a"]}, "metrics=[val/a]: must be a list of 2 or more metrics"),
        ("least", {"metrics": ["val/a"]}, "metrics=[val/a]: must be a list of 2 or more metrics"),
        (
            "speedup",
            {"slow": "a", "fast": "b", "metric": "val/a", "level": None},
            "level=null: must be a finite number",
        ),
    ],
)
def test_arguments_that_do_not_fit(name: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        MEASURES[name](**arguments)
    assert str(refused.value).startswith(message)


def test_a_metric_of_ours_stays_what_it_is() -> None:
    metric = RunMetric("val/a", "left", 2.0)
    assert RunMetric.from_node("metric", metric) is metric
    assert metric.values(TWO).tolist() == [0.5, 2]
