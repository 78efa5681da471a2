"""Maps of generalisation, of members whose answers are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from probes.function_members import FunctionMembers

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue
from seqprobe.models.machines import TurnstileMachine
from seqprobe.probes.map_probes import CurveMap, TurnstileMap
from seqprobe.tasks.curve_tasks import NameParameters, Reproduce
from seqprobe.tasks.curves import Line, Sine
from seqprobe.tasks.inverse import Inverse
from seqprobe.tasks.turnstile import Turnstile

SINE = Reproduce("sine", Sine(0.3, 10), "xy", points=30)
SLOPES = NameParameters("slopes", Line([0, 0.9], [0.5, 1]), ["intercept", "slope"], points=5)
TURNSTILE = Turnstile("turnstile", [0.5, 0.7], 20)
COLUMNS = ["seed", "x_name", "y_name", "x", "y", "x_low", "x_high", "y_low", "y_high"]
COLUMNS += ["band", "metric", "score", "constant"]


def identity(batch: Batch) -> np.ndarray:
    return batch.targets.numpy()


def half(batch: Batch) -> np.ndarray:
    return batch.targets.numpy() * [9, 0.5]  # x does not count


def lost(batch: Batch) -> np.ndarray:
    return np.full(batch.targets.shape, np.nan)


def test_whoever_repeats_everything_errs_nowhere() -> None:
    probe = CurveMap({"amplitude": [0.6, 0.3, 0.1], "frequency": [10, 20]})
    result = probe.run(FunctionMembers([identity, half, lost]), SINE, [4, 0, 7])
    scores = result.arrays["scores"]
    assert scores.shape == (3, 2, 3)
    assert (scores[0] == 0).all()
    x = SINE.x.numpy()
    expected = [[np.sqrt(((a * (1 + np.sin(w * x)) / 2) ** 2).mean()) for a in (0.1, 0.3, 0.6)] for w in (10, 20)]
    np.testing.assert_allclose(scores[1], expected)
    assert np.isnan(scores[2]).all()
    metrics = result.all_scores("map", probe.scores)
    prefix = "probe/map"
    assert {name for name in metrics if name.startswith(prefix)} == {f"{prefix}/inside/rmse", f"{prefix}/far/rmse"}
    others = np.delete(np.ravel(expected), 1)
    np.testing.assert_allclose(metrics["probe/map/inside/rmse"], [0, expected[0][1], np.nan])
    np.testing.assert_allclose(metrics["probe/map/far/rmse"], [0, others.mean(), np.nan])
    mean = (0.3 * (1 + np.sin(10 * x))).mean()
    level = np.sqrt(((0.3 * (1 + np.sin(10 * x)) - mean) ** 2).mean())
    np.testing.assert_allclose(metrics["reference/probe/map/inside/rmse/constant"], [level] * 3)
    assert result.rows([4, 0, 7]).empty


def test_the_table_has_a_row_per_seed_and_cell() -> None:
    probe = CurveMap({"slope": [-1, 0.5], "intercept": [0.25, 0.75]})
    table = probe.run(FunctionMembers([lambda batch: np.add(identity(batch), [0, 2])] * 2), SLOPES, [3, 1]).table
    assert table is not None
    assert list(table.columns) == COLUMNS
    box = (0.0, 0.9, 0.5, 1.0)
    bands = {(-1.0, 0.25): "far", (0.5, 0.25): "beyond", (-1.0, 0.75): "far", (0.5, 0.75): "inside"}
    expected = [
        (seed, "slope", "intercept", x, y, *box, bands[x, y], "rmse")
        for seed in (3, 1)
        for y in (0.25, 0.75)
        for x in (-1.0, 0.5)
    ]
    assert list(table.drop(columns=["score", "constant"]).itertuples(index=False, name=None)) == expected
    np.testing.assert_allclose(table["score"], np.sqrt(2))


def test_what_does_not_vary_is_in_the_middle_of_training() -> None:
    seen: list[Batch] = []

    def remember(batch: Batch) -> np.ndarray:
        seen.append(batch)
        return identity(batch)

    task = Reproduce("sine", Sine([0.1, 0.3], 10), points=30)
    CurveMap({"frequency": [5], "phase": [1.0]}).run(FunctionMembers([remember]), task, [0])
    np.testing.assert_allclose(seen[0].inputs[0, :, 0], 0.2 * (1 + np.sin(5 * task.x.numpy() + 1)))


def test_no_cell_inside_gives_no_score_inside() -> None:
    result = CurveMap({"slope": [2, 3], "intercept": [0.6]}).run(FunctionMembers([identity]), SLOPES, [0])
    assert set(result.mean_metrics("map", "rmse")) == {"probe/map/far/rmse"}


@pytest.mark.parametrize("names", [["length", "coin_probability"], ["coin_probability", "length"]])
def test_an_exact_machine_is_right_at_every_length_with_any_coins(names: list[str]) -> None:
    machine = TurnstileMachine(2, 2, "seq2seq", 20).double()
    machine.reset_parameters(torch.Generator())

    def answer(batch: Batch) -> np.ndarray:
        return machine(batch.inputs, batch.lengths).detach().numpy()

    def wait(batch: Batch) -> np.ndarray:
        return np.eye(2)[np.zeros_like(batch.targets.numpy())]

    values: dict[str, list[Any]] = {"length": [5, 20, 100], "coin_probability": [0.0, 0.6]}
    probe = TurnstileMap({name: values[name] for name in names}, steps=200)
    result = probe.run(FunctionMembers([answer, wait]), TURNSTILE, [0, 1])
    scores = result.arrays["scores"]
    assert scores.shape == (2, *(len(values[name]) for name in reversed(names)))
    assert (scores[0] == 1).all()
    by_coins = scores[1] if names[1] == "coin_probability" else scores[1].T
    assert (by_coins[0] == 1).all()
    assert (by_coins[1] < 1).all()
    means = result.mean_metrics("map", "accuracy")
    assert means["probe/map/inside/accuracy"].tolist() == [1, by_coins[1, 1]]
    assert means["probe/map/far/accuracy"][1] == pytest.approx(np.delete(by_coins.ravel(), 4).mean())
    np.testing.assert_array_equal(result.levels["accuracy"]["constant"][1], scores[1].ravel())


def test_curves_are_mapped_during_training_and_sequences_are_not() -> None:
    curves = CurveMap({"slope": [1], "intercept": [0]})
    assert curves.during_training() is curves
    assert TurnstileMap({"length": [5], "coin_probability": [0.5]}).during_training() is None


@pytest.mark.parametrize(
    ("make", "values", "key"),
    [
        (CurveMap, {"slope": [1]}, "values"),
        (CurveMap, [1, 2], "values"),
        (CurveMap, {"slope": [1], "intercept": []}, "values.intercept"),
        (CurveMap, {"slope": [1], "intercept": ["x"]}, "values.intercept"),
        (TurnstileMap, {"length": [0], "coin_probability": [0.5]}, "values.length"),
        (TurnstileMap, {"length": [5], "coin_probability": [1.5]}, "values.coin_probability"),
        (TurnstileMap, {"length": [5], "noise": [1.5]}, "values"),
    ],
)
def test_wrong_values_are_named(make: Any, values: Any, key: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        make(values)
    assert refused.value.key == key


def test_other_tasks_are_refused() -> None:
    with pytest.raises(InvalidValue, match="it needs a curve task"):
        CurveMap({"slope": [1], "intercept": [0]}).check(Inverse("inverse"))
    with pytest.raises(InvalidValue, match="must be one of"):
        CurveMap({"slope": [1], "intercept": [0]}).check(SINE)
    with pytest.raises(InvalidValue, match="it needs a turnstile"):
        TurnstileMap({"length": [5], "coin_probability": [0.5]}).check(SINE)
