"""Post 0's results over five seeds, against the measured table; margins are those of the seeds' own spread."""

from __future__ import annotations

import numpy as np
import pytest
from trainings import train

from seqprobe.config.build import build_experiment
from seqprobe.config.compose import plain_config
from seqprobe.learning.recorder import MemoryRecorder

pytestmark = pytest.mark.slow

FITS = {
    # preset: (metric, largest median)
    "line_xy": ("val/rmse_settled", 0.007),
    "hill_xy": ("val/rmse_settled", 0.020),
    "hill_y": ("val/rmse_settled", 0.006),
    "sine": ("val/rmse_settled", 0.016),
    "amplitude": ("val/rmse", 0.009),
    "slope_intercept": ("val/rmse", 0.030),
}
AMPLITUDES = ("0.1", "0.2", "0.4", "0.6", "0.8", "1.0")
PAIRS = ("a0.1_w10", "a0.2_w20", "a0.4_w30", "a0.6_w40", "a0.8_w50", "a1.0_w60")
PHASES = ("a0.1_p0.15", "a0.2_p0.3", "a0.4_p0.6", "a0.6_p0.9", "a0.8_p1.2", "a1.0_p1.5")
SLOPES = ("0.1", "0.3", "0.5", "0.8", "1.0", "1.2")

SHAPES = [
    # preset, metric of each value, values, expected medians, margin
    ("sine", "amplitude/{}/amplitude_ratio", AMPLITUDES, (0.97, 1.02, 0.87, 0.65, 0.50, 0.40), 0.10),
    ("sine", "amplitude/{}/peak", AMPLITUDES, (0.25, 0.45, 0.68, 0.75, 0.78, 0.79), 0.12),
    ("sine", "amplitude/{}/valley", AMPLITUDES, (0.0,) * 6, 0.06),
    ("sine", "amplitude/{}/rmse", AMPLITUDES, (0.05, 0.03, 0.06, 0.25, 0.48, 0.72), 0.08),
    ("sine", "phase/{}/valley", PHASES, (0.0,) * 6, 0.06),
    ("sine", "phase/{}/valley_lag", PHASES, (2.0,) * 6, 3.0),
    ("sine", "frequency/{}/amplitude_ratio", PAIRS, (0.97, 1.07, 0.61, 0.41, 0.22, 0.12), 0.25),
    ("sine", "lines/{}/late_slope", SLOPES, (0.135,) * 6, 0.10),
    ("sine", "lines_no_intercept/{}/early_drop", SLOPES, (0.11,) * 6, 0.05),
    ("amplitude", "extrapolated_amplitudes/{}/predicted_amplitude", AMPLITUDES[:3], (0.1, 0.2, 0.4), 0.01),
    ("amplitude", "extrapolated_amplitudes/{}/predicted_amplitude", AMPLITUDES[3:], (0.56, 0.67, 0.75), 0.08),
    ("slope_intercept", "extrapolated_slopes/{}/predicted_slope", ("-0.4",), (-0.20,), 0.09),
    ("slope_intercept", "extrapolated_slopes/{}/predicted_slope", ("0", "0.1", "0.3"), (0.03, 0.105, 0.28), 0.03),
    ("slope_intercept", "extrapolated_slopes/{}/predicted_slope", ("0.8", "1.0"), (0.78, 0.94), 0.05),
]


@pytest.fixture(scope="module")
def results() -> dict[str, MemoryRecorder]:
    return {}


def trained(results: dict[str, MemoryRecorder], preset: str) -> MemoryRecorder:
    """The recorder of a preset's five seeds, trained once."""
    if preset not in results:
        results[preset] = MemoryRecorder()
        train(build_experiment(plain_config(f"experiment=post0/{preset}", "seeds=5", "engine=looped")), results[preset])
    return results[preset]


@pytest.mark.parametrize("preset", FITS)
def test_a_preset_trains_to_the_stated_error(results: dict[str, MemoryRecorder], preset: str) -> None:
    recorder, (metric, largest) = trained(results, preset), FITS[preset]
    assert np.median(recorder.last(metric)) <= largest


@pytest.mark.parametrize("preset", FITS)
def test_a_preset_beats_its_constant_predictor_many_times_over(results: dict[str, MemoryRecorder], preset: str) -> None:
    recorder = trained(results, preset)
    constant = recorder.last("reference/constant")
    assert np.median(recorder.last("val/rmse") / constant) < 0.2
    assert (recorder.last("val/rmse") < constant).all()


@pytest.mark.parametrize(("preset", "metric", "values", "expected", "margin"), SHAPES)
def test_a_probe_gives_the_measured_shape(
    results: dict[str, MemoryRecorder],
    preset: str,
    metric: str,
    values: tuple[str, ...],
    expected: tuple[float, ...],
    margin: float,
) -> None:
    recorder = trained(results, preset)
    medians = [np.median(recorder.last("probe/" + metric.format(value))) for value in values]
    np.testing.assert_allclose(medians, expected, atol=margin, rtol=0)


def test_the_bounded_output_saturates(results: dict[str, MemoryRecorder]) -> None:
    recorder = trained(results, "sine")
    peaks = [np.median(recorder.last(f"probe/amplitude/{value}/peak")) for value in AMPLITUDES]
    assert peaks == sorted(peaks)
    assert peaks[-1] - peaks[-2] < 0.1 * (2.0 - 1.6)  # inputs peak at 1.6 and 2.0


def test_every_seed_copies_every_frequency_within_two_percent(results: dict[str, MemoryRecorder]) -> None:
    recorder = trained(results, "sine")
    for pair, expected in zip(PAIRS, (10, 20, 30, 40, 50, 60), strict=True):
        np.testing.assert_allclose(recorder.last(f"probe/frequency/{pair}/frequency"), expected, rtol=0.02)
