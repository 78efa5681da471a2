from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue
from seqprobe.probes import ProbeResult
from seqprobe.probes.curve_probes import CurveProbe, ReproductionProbe
from seqprobe.probes.measures import MEASURES
from seqprobe.probes.parameter_probe import ParameterProbe
from seqprobe.scoring import MetricName
from seqprobe.tasks.curve_tasks import CurveTask, NameParameters, Reproduce
from seqprobe.tasks.curves import Line, Sine

SINES = Reproduce("sine", Sine(), "xy", points=50)
SLOPES = NameParameters("slopes", Line([0, 0.9], [0, 1]), ["intercept", "slope"], points=5)


@pytest.mark.parametrize(
    ("probe", "labels", "legend"),
    [
        (ReproductionProbe(Sine(), "amplitude", [0.1, 1, 2.5]), ["0.1", "1", "2.5"], ["a = 0.1", "a = 1", "a = 2.5"]),
        (ReproductionProbe(Line(), "slope", [-0.4, 0]), ["-0.4", "0"], ["m = -0.4", "m = 0"]),
        (
            ReproductionProbe(Sine(), ["amplitude", "frequency"], [[0.1, 10], [1, 12.5]]),
            ["a0.1_w10", "a1_w12.5"],
            ["a = 0.1, w = 10", "a = 1, w = 12.5"],
        ),
        (ReproductionProbe(Sine(), ["phase", "amplitude"], [[0.15, 0.1]]), ["p0.15_a0.1"], ["p = 0.15, a = 0.1"]),
    ],
)
def test_labels_name_the_values(probe: CurveProbe, labels: list[str], legend: list[str]) -> None:
    assert (probe.labels, probe.legend) == (labels, legend)


@dataclass
class Answers:
    """Members that answer as a function does."""

    predict: Callable[[Batch], np.ndarray]

    def trace(self, batch: Batch) -> dict[str, np.ndarray]:
        raise AssertionError("these probes do not look inside")

    def untrained_members(self) -> Answers:
        raise AssertionError("these probes ask trained members only")


def test_values_that_differ_have_labels_that_differ() -> None:
    probe = ReproductionProbe(Sine(), "frequency", [0.1234567, 0.1234568, 1000000, 1000001])
    assert len(set(probe.labels)) == 4


def test_parameters_that_do_not_vary_stay() -> None:
    probe = ReproductionProbe(Sine(phase=0.5), ["frequency", "amplitude"], [[20, 0.1], [30, 0.2]])
    expected = [[a * (1 + np.sin(w * x + 0.5)) for x in SINES.x.tolist()] for w, a in ((20, 0.1), (30, 0.2))]
    np.testing.assert_allclose(probe.truth(SINES), expected, rtol=1e-14)
    batch = probe.batch(SINES)
    np.testing.assert_allclose(batch.inputs[..., 1], expected, rtol=1e-14)
    assert batch.inputs[1, :, 0].tolist() == SINES.x.tolist()


def test_reproduction_measures_y_of_every_member_and_value() -> None:
    probe = ReproductionProbe(Sine(), "amplitude", [0.1, 0.4], measures=["rmse", "amplitude_ratio", "peak"])

    def predict(batch: Batch) -> np.ndarray:
        inputs = batch.inputs.numpy()
        assert inputs.shape == (2, 50, 2)
        return np.stack([inputs, inputs * [9, 0.5], np.add(inputs, [7, 0.3])])

    result = probe.run(Answers(predict), SINES, [0, 3, 7])
    truth = probe.truth(SINES)
    half = np.sqrt((truth**2).mean(1)) / 2
    np.testing.assert_allclose(result.scores["rmse"], [[0, 0], half, [0.3, 0.3]], atol=1e-14)
    np.testing.assert_allclose(result.scores["amplitude_ratio"], [[1, 1], [0.5, 0.5], [1, 1]], atol=1e-14)
    metrics = result.all_scores("amplitude", probe.scores)
    assert set(metrics) == {
        "probe/amplitude/far/rmse",
        "probe/amplitude/beyond/rmse",
        "reference/probe/amplitude/far/rmse/constant",
        "reference/probe/amplitude/beyond/rmse/constant",
        *(f"probe/amplitude/{v}/{metric}" for v in (0.1, 0.4) for metric in ("rmse", "amplitude_ratio", "peak")),
    }
    np.testing.assert_allclose(metrics["probe/amplitude/beyond/rmse"], [0, half[1], 0.3], atol=1e-14)
    trained_mean = (0.3 * (1 + np.sin(10 * SINES.x.numpy()))).mean()
    errors = np.sqrt(((truth - trained_mean) ** 2).mean(1))
    assert set(result.levels) == {"rmse"}
    np.testing.assert_allclose(result.levels["rmse"]["constant"], [errors] * 3, rtol=1e-12)
    np.testing.assert_allclose(metrics["probe/amplitude/0.4/rmse"], [0, half[1], 0.3], atol=1e-14)
    assert list(result.table.columns) == ["seed", "value", "x", "truth", "prediction"]
    one = result.table.query("seed == 3 and value == '0.4'")
    assert one["x"].tolist() == SINES.x.tolist()
    np.testing.assert_allclose(one["truth"], truth[1])
    np.testing.assert_allclose(one["prediction"], truth[1] / 2)


def test_parameters_are_predicted_by_name() -> None:
    probe = ParameterProbe(Line(intercept=0.5), "slope", [-0.4, 1.0])
    said = np.array([[[0.5, -0.4], [0.5, 1.0]], [[0.6, 0.2], [0.1, 0.7]]])
    result = probe.run(Answers(lambda batch: said), SLOPES, [4, 9])
    assert result.arrays["targets"].tolist() == [[0.5, -0.4], [0.5, 1.0]]
    assert result.scores["predicted_slope"].tolist() == [[-0.4, 1.0], [0.2, 0.7]]
    assert result.scores["predicted_intercept"].tolist() == [[0.5, 0.5], [0.6, 0.1]]
    np.testing.assert_allclose(result.scores["rmse"], [[0, 0], np.sqrt([0.37 / 2, 0.25 / 2])], atol=1e-15)
    # The means of 400 drawn parameters are about 0.5 and 0.45, the middles of their ranges.
    constant = result.levels["rmse"]["constant"]
    np.testing.assert_allclose(constant, [np.sqrt([0.85**2 / 2, 0.55**2 / 2])] * 2, rtol=0.1)
    assert constant[0, 0] != constant[1, 0]
    metrics = result.all_scores("slope", probe.scores)
    assert metrics["probe/slope/1.0/predicted_slope"].tolist() == [1.0, 0.7]
    assert not any(name.endswith("/predicted_slope") and MetricName.parse(name).band for name in metrics)
    expected = [(9, "1.0", "intercept", 0.5, 0.1), (9, "1.0", "slope", 1.0, 0.7)]
    assert list(result.table.query("seed == 9 and value == '1.0'").itertuples(index=False, name=None)) == expected


def test_rows_are_the_scores_in_long_form() -> None:
    scores = {"rmse": np.array([[1.0, 2.0], [3.0, 4.0]])}
    rows = ProbeResult(["0.1", "0.2"], scores, varied="slope", distances=np.array([0.0, 0.1])).rows([3, 7])
    assert rows.columns.tolist() == ["seed", "varied", "value", "distance", "band", "metric", "score"]
    assert rows.to_dict("split")["data"] == [
        [3, "slope", "0.1", 0.0, "", "rmse", 1.0],
        [3, "slope", "0.2", 0.1, "", "rmse", 2.0],
        [7, "slope", "0.1", 0.0, "", "rmse", 3.0],
        [7, "slope", "0.2", 0.1, "", "rmse", 4.0],
    ]
    unknown = ProbeResult(["0.1", "0.2"], scores).rows([3, 7])
    assert unknown["distance"].isna().all()
    assert ProbeResult([], {}, overall={"rmse": np.ones(2)}).rows([3, 7]).shape == (0, 7)


@pytest.mark.parametrize(
    ("probe", "task", "varied", "distances"),
    [
        (ParameterProbe(Line(), "slope", [-0.5, 0, 0.4, 0.9, 1.4]), SLOPES, "slope", [-0.5, 0, 0, 0, 0.5]),
        (ReproductionProbe(Sine(), "amplitude", [0.05, 0.3, 0.8]), SINES, "amplitude", [-0.25, 0, 0.5]),
        (
            ReproductionProbe(Sine(), ["frequency", "amplitude"], [[10, 1], [30, 0.3]]),
            SINES,
            "frequency (radians per unit of x)",
            [0, 20],
        ),
        (ReproductionProbe(Line(), "slope", [0, 1, 2], trained_range=[0, 0.5]), SINES, "slope", [0, 0.5, 1.5]),
        (ReproductionProbe(Line(), "slope", [0, 1]), SINES, "slope", None),
    ],
)
def test_distances_are_those_from_the_training_range(
    probe: CurveProbe, task: CurveTask, varied: str, distances: list[float] | None
) -> None:
    told = probe.variation(task)
    assert told["varied"] == varied
    found = told["distances"]
    assert (found if found is None else found.tolist()) == (
        distances if distances is None else pytest.approx(distances)
    )
    members = Answers(lambda batch: np.zeros((2, *batch.targets.shape)))
    np.testing.assert_equal(probe.run(members, task, [0, 1]).distances, found)


@pytest.mark.parametrize(
    ("probe", "task", "name", "shaded", "covered"),
    [
        (ParameterProbe(Line(intercept=0.5), "slope", [-0.4, 0.3]), SLOPES, "slope", (0, 0.9), [False, True]),
        (ParameterProbe(Line(intercept=2.0), "slope", [-0.4, 0.3]), SLOPES, "slope", None, [False, False]),
        (ReproductionProbe(Sine(), "amplitude", [0.3, 0.8]), SINES, "amplitude", (0.3, 0.3), [True, False]),
        (
            ReproductionProbe(Sine(), ["amplitude", "frequency"], [[0.3, 10], [0.8, 30]]),
            SINES,
            "amplitude",
            None,
            [True, False],
        ),
        (ReproductionProbe(Line(), "slope", [0, 1]), SINES, "slope", None, [False, False]),
        (ReproductionProbe(Line(), "slope", [0, 1], trained_range=[0, 0.5]), SINES, "slope", (0, 0.5), [True, False]),
        (ReproductionProbe(Line(), "slope", [0, 1], trained_range=[0, 0.5]), SINES, "intercept", None, [True, False]),
    ],
)
def test_only_what_training_covered_is_marked(
    probe: CurveProbe, task: CurveTask, name: str, shaded: tuple[float, float] | None, covered: list[bool]
) -> None:
    assert probe.shaded_range(task, name) == shaded
    assert probe.is_inside(task, probe.curve.ranges).tolist() == covered


def test_a_fixed_parameters_panel_is_shaded_at_trained_curves_alone() -> None:
    probe = ParameterProbe(Line(intercept=0.5), "slope", [-0.4, 0.3, 0.9, 1.0])
    result = probe.run(Answers(lambda batch: batch.targets.numpy()[None]), SLOPES, [0])
    figure = probe.draw(result, SLOPES, "t")
    intercept, slope = figure.axes[-2:]
    assert [(patch.get_x(), patch.get_width()) for patch in intercept.patches] == [(0.5, 1.0), (1.5, 1.0)]
    assert [(patch.get_x(), patch.get_width()) for patch in slope.patches] == [(0.0, 0.9)]


def test_an_axis_names_what_varies_with_its_unit() -> None:
    assert ReproductionProbe(Sine(), "frequency", [1]).varied_label() == "frequency (radians per unit of x)"
    together = ReproductionProbe(Sine(), ["amplitude", "phase"], [[1, 2]])
    assert together.varied_label() == "amplitude, with another phase for each"


@pytest.mark.parametrize(
    ("ask", "key"),
    [
        (lambda: ReproductionProbe(Line(), "slope", [1]).check(SLOPES), "_target_"),
        (lambda: ParameterProbe(Line(), "slope", [1]).check(SINES), "_target_"),
        (lambda: ParameterProbe(Sine(), "phase", [1]).check(SLOPES), "curve"),
        (lambda: ReproductionProbe(Line(), "phase", [1]), "vary"),
        (lambda: ReproductionProbe(Line(), "slope", []), "values"),
        (lambda: ReproductionProbe(Line(), "slope", "12"), "values"),
        (lambda: ReproductionProbe(Line(), "slope", [[1, 2]]), "values"),
        (lambda: ReproductionProbe(Line(), ["slope", "intercept"], [[1, 2], [3]]), "values"),
        (lambda: ReproductionProbe(Line(), ["slope", "intercept"], [1]), "values"),
        (lambda: ReproductionProbe(Line(), "slope", [float("nan")]), "values"),
        (lambda: ReproductionProbe(Line(), "slope", [1], trained_range=[1, 0]), "trained_range"),
        (lambda: ReproductionProbe(Line(intercept=[0, 1]), "slope", [1]), "curve.intercept"),
        (lambda: ReproductionProbe(Line(), "slope", [1], measures=["mse"]), "measures"),
    ],
)
def test_errors_name_the_key(ask: Callable[[], Any], key: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        ask()
    assert refused.value.key == key


def test_a_probe_that_fits_its_task_passes() -> None:
    ReproductionProbe(Line(), "slope", [1], measures=list(MEASURES)).check(SINES)
    ParameterProbe(Line(), ["slope", "intercept"], [[1, 2]], trained_range=0.5).check(SLOPES)
