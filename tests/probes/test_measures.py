"""Measures against curves whose value is known by construction."""

import numpy as np
import pytest

from seqprobe.probes.measures import MEASURES

X = np.linspace(0, 1, 101)
SINE = 0.3 * (1 + np.sin(10 * X))


def measure(name: str, truth: np.ndarray, output: np.ndarray, x: np.ndarray = X) -> float:
    """One member, one value."""
    found = MEASURES[name](x, truth[None], output[None, None])
    assert found.shape == (1, 1)
    return float(found[0, 0])


def late(curve: np.ndarray, samples: int) -> np.ndarray:
    """The curve, so many samples later."""
    return np.concatenate([np.full(samples, 9.0), curve[: len(curve) - samples]])


def spiked(curve: np.ndarray, *values: float) -> np.ndarray:
    """Other values in the start-up stretch."""
    changed = curve.copy()
    changed[: len(values)] = values
    return changed


@pytest.mark.parametrize(
    ("name", "truth", "output", "expected"),
    [
        pytest.param("rmse", SINE, SINE + 0.2, 0.2, id="rmse"),
        pytest.param("rmse", 0 * X, spiked(0 * X, 3.0, 4.0), 5 / np.sqrt(101), id="rmse-sees-the-start"),
        pytest.param("rmse_settled", SINE, spiked(SINE + 0.2, *[7.0] * 11), 0.2, id="settled-from-x-beyond-0.1"),
        pytest.param("rmse_settled", 0 * X, spiked(0 * X, *[0.0] * 11, 3.0), 3 / np.sqrt(90), id="settled-at-0.11"),
        *(pytest.param("rmse_best_lag", SINE, late(SINE, lag), 0.0, id=f"lag-{lag}") for lag in range(6)),
        pytest.param("peak", 0 * X, spiked(SINE, 50.0), 0.6, id="peak"),
        pytest.param("valley", 0 * X, spiked(SINE, -50.0), 0.0, id="valley"),
        pytest.param("valley_lag", SINE, late(SINE, 3), 3.0, id="valley-lag"),
        pytest.param("valley_lag", late(SINE, 4), SINE, -4.0, id="valley-early"),
        pytest.param("valley_delay", SINE, late(SINE, 3), 3.0, id="delay"),
        pytest.param("valley_delay", 1 + np.sin(10 * X + 1.5), SINE, 15.0, id="valley-that-stays"),
        pytest.param("valley_delay", SINE, 1 + np.sin(10 * X + 1.5), -15.0, id="valley-that-comes-before"),
        pytest.param("correlation_best_lag", SINE, 5 + 0.1 * late(SINE, 3), 1.0, id="other-size-and-late"),
        pytest.param("amplitude_ratio", SINE, 5 - 0.4 * SINE, 0.4, id="amplitude-ratio"),
        pytest.param("amplitude_ratio", SINE, spiked(2 * SINE, *[40.0] * 21), 2.0, id="amplitude-ratio-after-0.2"),
        pytest.param("late_slope", SINE, spiked(3 - 1.7 * X, *SINE[:51]), -1.7, id="late-slope"),
        pytest.param("late_slope", SINE, 0 * X + 4, 0.0, id="late-slope-of-a-constant"),
        pytest.param("early_drop", SINE, np.interp(X, [0, 0.1, 0.3, 0.5, 1], [0, 0.5, 0.1, 0.3, -9]), 0.4, id="drop"),
        pytest.param("early_drop", SINE, X, 0.0, id="no-drop"),
    ],
)
def test_known_values(name: str, truth: np.ndarray, output: np.ndarray, expected: float) -> None:
    assert measure(name, truth, output) == pytest.approx(expected, abs=2e-3 if name in ("peak", "valley") else 1e-12)


def test_peak_and_valley_are_the_largest_and_smallest_sample() -> None:
    output = np.array([9.0, 0.4, -0.2, 0.7, 0.1])
    x = np.linspace(0, 1, 5)
    assert measure("peak", output, output, x) == 0.7
    assert measure("valley", output, output, x) == -0.2


def test_a_longer_lag_than_five_samples_is_an_error() -> None:
    assert measure("rmse_best_lag", SINE, late(SINE, 7)) > 0.02


@pytest.mark.parametrize("points", [100, 101])
@pytest.mark.parametrize("w", [7.0, 10.0, 17.3, 42.0, 60.0, 79.0])
@pytest.mark.parametrize("phase", [0.0, 1.1])
def test_frequency_of_a_sine_with_offset(w: float, phase: float, points: int) -> None:
    x = np.linspace(0, 1, points)
    output = spiked(2 + 0.1 * np.sin(w * x + phase), *[5.0] * 20)
    assert measure("frequency", 0 * x, output, x) == pytest.approx(w, abs=0.1)


@pytest.mark.parametrize("name", MEASURES)
def test_every_member_and_value_is_measured_alone(name: str) -> None:
    truth = np.stack([0.1 * (1 + np.sin(w * X)) for w in (9, 14, 21)])
    outputs = np.stack([scale * truth + shift * X for scale, shift in ((0.9, 0.1), (1.3, -0.2))])
    together = MEASURES[name](X, truth, outputs)
    assert together.shape == (2, 3)
    for member in range(2):
        for value in range(3):
            assert together[member, value] == pytest.approx(
                measure(name, truth[value], outputs[member, value]), abs=1e-12
            )


@pytest.mark.parametrize("name", MEASURES)
def test_a_diverged_member_measures_nan(name: str) -> None:
    outputs = np.stack([SINE, np.full_like(SINE, np.nan)])[:, None]
    found = MEASURES[name](X, SINE[None], outputs)
    assert np.isnan(found).tolist() == [[False], [True]]


def test_a_correlation_is_that_of_numpy_at_the_best_of_six_lags() -> None:
    rng = np.random.default_rng(0)
    output = SINE + rng.normal(0, 0.1, len(X))
    truth, moved = SINE[21:], output[21:]
    expected = [np.corrcoef(truth[: len(truth) - lag], moved[lag:])[0, 1] for lag in range(6)]
    assert measure("correlation_best_lag", SINE, output) == pytest.approx(max(expected))
    assert np.isnan(measure("correlation_best_lag", SINE, 0 * X))


def test_the_delay_of_a_lost_output_is_unknown() -> None:
    assert np.isnan(measure("valley_delay", SINE, np.full(len(X), np.nan)))
