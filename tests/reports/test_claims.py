"""Every claim's predicate against synthetic metrics on both sides of its threshold."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
import yaml
from scripts import ROOT

from seqprobe.commands.reproduce import expanded
from seqprobe.reports.claims import CLAIMS, Claim, judge
from seqprobe.reports.claims.evidence import NEVER, Evidence, examples_to, final, ratio, sooner, times
from seqprobe.tracking.stored_populations import population_name

REPRODUCE = yaml.safe_load((ROOT / "conf" / "reproduce.yaml").read_text())
SEEDS = 10


@dataclass
class Synthetic:
    """A population whose metrics are what a test says."""

    finals: Mapping[str, np.ndarray] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=lambda: {"batch_size": "10"})
    steps: np.ndarray = field(default_factory=lambda: np.array([50, 100, 200]))
    values: np.ndarray = field(default_factory=lambda: np.full((SEEDS, 3), 1.0))

    def history(self, metric: str) -> tuple[np.ndarray, np.ndarray]:
        return self.steps, self.values


class Metrics(dict[str, np.ndarray]):
    """Every metric has the same values, but for those that are given."""

    def __init__(self, rest: np.ndarray, **given: np.ndarray) -> None:
        super().__init__(given)
        self.rest = rest

    def __missing__(self, key: str) -> np.ndarray:
        return self.rest


def numbers(inside: float, outside: float, true: int) -> np.ndarray:
    """Of `SEEDS` seeds, ``true`` have the number inside."""
    return np.array([inside] * true + [outside] * (SEEDS - true))


def sides(claim: Claim) -> tuple[float, list[float]]:
    """A number just inside the claim's range, and one just beyond each of its ends."""
    step = 1e-6 * max(1.0, *(abs(end) for end in (claim.low, claim.high) if np.isfinite(end)))
    ends = [end for end in (claim.low, claim.high) if np.isfinite(end)]
    inside = ends[0] if claim.low == claim.high else (claim.low + step if np.isfinite(claim.low) else claim.high - step)
    beyond = ([claim.low - step] if np.isfinite(claim.low) else []) + (
        [claim.high + step] if np.isfinite(claim.high) else []
    )
    return inside, beyond


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.post}: {claim.says[:60]}, {claim.quantity[:30]}")
def test_a_predicate_on_both_sides_of_its_threshold(claim: Claim) -> None:
    inside, beyond = sides(claim)
    assert beyond, "a claim that cannot fail"
    runs = dict.fromkeys(claim.evidence.runs, Synthetic())
    for outside, (true, word) in itertools.product(beyond, ((SEEDS, "holds"), (5, "partly"), (0, "fails"))):
        values = numbers(inside, outside, true)
        measured = Claim(
            claim.post,
            claim.says,
            claim.quantity,
            Evidence(lambda _, values=values: values, claim.evidence.runs, claim.evidence.figure),  # type: ignore[misc]
            claim.low,
            claim.high,
        )
        verdict = judge(measured, runs)
        assert (verdict.word, verdict.seeds) == (word, (true, SEEDS))
        assert verdict.interval is not None


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.post}: {claim.says[:60]}, {claim.quantity[:30]}")
def test_a_measure_reads_recorded_metrics_alone(claim: Claim) -> None:
    """From populations that have any metric, every measure finds a number for each seed; from none it says so."""
    rng = np.random.default_rng(0)
    params = {"batch_size": "10", "parameters": "755"}
    runs = {
        name: Synthetic(Metrics(rng.uniform(0.1, 1, SEEDS)), params, values=rng.uniform(0.001, 0.015, (SEEDS, 3)))
        for name in claim.evidence.runs
    }
    values = np.atleast_1d(claim.evidence.measure(runs)).astype(float)
    assert len(values) in (1, SEEDS)
    assert np.isfinite(values).all()
    verdict = judge(claim, {})
    assert (verdict.word, verdict.interval) == ("not measured", None)
    assert claim.evidence.runs[0] in verdict.reason


def test_a_metric_that_was_not_recorded_is_told() -> None:
    claim = Claim(0, "says", "quantity", final("run", "val/rmse", "figure"), high=1)
    verdict = judge(claim, {"run": Synthetic()})
    assert (verdict.word, verdict.reason) == ("not measured", "nothing was recorded as 'val/rmse'")


@pytest.mark.parametrize(("true", "word"), [(10, "holds"), (9, "holds"), (8, "partly"), (2, "partly"), (1, "fails")])
def test_nine_in_ten_hold_and_one_in_ten_fails(true: int, word: str) -> None:
    values = np.array([1.0] * true + [np.nan] * (10 - true))  # a seed without a number is none of which it is true
    claim = Claim(0, "says", "quantity", final("run", "m", "figure"), low=0.5)
    assert judge(claim, {"run": Synthetic({"m": values})}).word == word


def test_examples_are_counted_until_a_level_is_first_reached() -> None:
    values = np.array([[1.0, 0.1, 0.5], [1.0, 0.5, 0.05], [1.0, np.nan, np.nan]])
    run = Synthetic(values=values, params={"batch_size": "20"})
    assert examples_to(run, "m", 0.1).tolist() == [2, 4, NEVER]
    slow = Synthetic(values=np.array([[1.0, 1.0, 0.1], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]), params={"batch_size": "20"})
    found = sooner("slow", "fast", "m", 0.1, ("", "")).measure({"slow": slow, "fast": run})
    np.testing.assert_array_equal(found, [2, NEVER, np.nan])


def test_a_ratio_is_of_paired_seeds() -> None:
    runs = {"a": Synthetic({"x": np.array([1.0, 4.0])}), "b": Synthetic({"y": np.array([2.0, 2.0])})}
    assert times(("a", "x"), ("b", "y"), ("", "")).measure(runs).tolist() == [0.5, 2]
    np.testing.assert_array_equal(ratio(np.array([np.inf, 1.0]), np.array([np.inf, np.inf])), [np.nan, 0])


def produced() -> set[str]:
    """The names of the populations that a reproduction trains, as tracking calls them."""
    names = set()
    for overrides in expanded(REPRODUCE["trainings"]):
        given = dict(override.split("=") for override in overrides)
        preset = (ROOT / "conf" / "experiment" / f"{given['experiment']}.yaml").read_text()
        while "override /model: " not in preset:  # it builds on another one
            base = next(line for line in preset.splitlines() if "- /experiment/" in line).rpartition("/experiment/")[2]
            preset = (ROOT / "conf" / "experiment" / f"{base}.yaml").read_text()
        model = given.get("model") or preset.partition("override /model: ")[2].split()[0]
        left = {key: value for key, value in given.items() if key not in ("experiment", "model")}
        others = " ".join(sorted(f"{key}={value}" for key, value in left.items()))
        names.add(population_name({"preset": given["experiment"], "model": model, "overrides": others}))
    return names


def test_a_reproduction_trains_what_claims_and_pictures_need() -> None:
    names = produced()
    for claim in CLAIMS:
        assert set(claim.evidence.runs) <= names, claim.says
        assert claim.evidence.figure[0] in {"", *claim.evidence.runs}, claim.says
    assert {pair["run"] for pair in REPRODUCE["pairs"]} <= {"", *names}


def test_there_are_enough_claims_and_none_twice() -> None:
    assert len(CLAIMS) >= 25
    assert {claim.post for claim in CLAIMS} == {0, 1, 2}
    assert len({(claim.says, claim.quantity) for claim in CLAIMS}) == len(CLAIMS)
    originals = [pair["original"] for pair in REPRODUCE["pairs"]]
    assert len(set(originals)) == len(originals) == 36
