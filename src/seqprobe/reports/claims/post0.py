"""The claims of post 0: lines, hills and sines, and what becomes of other curves."""

from __future__ import annotations

import numpy as np

from seqprobe.reports.claims.claim import Claim
from seqprobe.reports.claims.evidence import Evidence, Runs, final, largest, less, off, ratio, sooner, times

SETTLED = "val/rmse_settled"
LINE, HILL, HILL_Y = "post0/line_xy · lstm", "post0/hill_xy · lstm", "post0/hill_y · lstm"
SINE, AMPLITUDE, SLOPE = "post0/sine · lstm", "post0/amplitude · lstm", "post0/slope_intercept · lstm"
LINE_1, HILL_1 = "controls/line_one_layer · lstm", "controls/hill_one_layer · lstm"
DENSE, MANY = "controls/dense_readout · lstm", "controls/many_amplitudes · lstm"
BIAS_0, BIAS_1 = "controls/slope_forget_bias0 · lstm", "controls/slope_forget_bias1 · lstm"

AMPLITUDES = ("0.1", "0.2", "0.4", "0.6", "0.8", "1.0")
PHASES = ("a0.1_p0.15", "a0.2_p0.3", "a0.4_p0.6", "a0.6_p0.9", "a0.8_p1.2", "a1.0_p1.5")
FREQUENCIES = {"a0.1_w10": 10, "a0.2_w20": 20, "a0.4_w30": 30, "a0.6_w40": 40, "a0.8_w50": 50, "a1.0_w60": 60}
FLAT, STEEP = "0.1", "1.2"
SHARE, DROP = "probe/amplitude/{}/amplitude_ratio", "probe/lines_no_intercept/1.2/early_drop"
NAMED = "probe/extrapolated_amplitudes/{}/predicted_amplitude"
FIT, CURVES = "figures/fit.png", "figures/training_curves.png"


def probe_figure(name: str) -> str:
    """The artifact that shows a probe."""
    return f"figures/probe_{name}.png"


def lowest_step(runs: Runs) -> np.ndarray:
    """The least step between the peaks of successive amplitudes."""
    peaks = [runs[SINE].finals[f"probe/amplitude/{value}/peak"] for value in AMPLITUDES]
    return np.asarray(np.diff(peaks, axis=0).min(0))


def frequency_error(runs: Runs) -> np.ndarray:
    """The largest relative error of the dominant frequency."""
    found = [runs[SINE].finals[f"probe/frequency/{label}/frequency"] / w for label, w in FREQUENCIES.items()]
    return np.asarray(np.abs(np.array(found) - 1).max(0))


def growth(runs: Runs) -> np.ndarray:
    """Output slope per input slope of the flattest line, over that of the steepest."""
    flat, steep = (runs[SINE].finals[f"probe/lines/{m}/late_slope"] / float(m) for m in (FLAT, STEEP))
    return ratio(flat, steep)


POST0 = (
    Claim(
        0,
        "A one layered LSTM was able to approximate the line.",
        "RMSE of y after x = 0.1",
        final(LINE, SETTLED, FIT),
        high=0.02,
    ),
    Claim(
        0,
        "In order to get the hill-shaped function I added a second lstm layer: one is not enough.",
        "RMSE of y after x = 0.1, one layer on the hill",
        final(HILL_1, SETTLED, FIT),
        low=0.02,
    ),
    Claim(
        0,
        "The hill is harder than the line.",
        "updates to RMSE 0.02, hill over line, one layer",
        sooner(HILL_1, LINE_1, SETTLED, 0.02, (HILL_1, CURVES)),
        low=2,
    ),
    Claim(
        0,
        "With a second layer the hill is learned.",
        "RMSE of y after x = 0.1",
        final(HILL, SETTLED, FIT),
        high=0.02,
    ),
    Claim(
        0,
        "From y alone the hill gets approximated, too.",
        "RMSE of y after x = 0.1",
        final(HILL_Y, SETTLED, FIT),
        high=0.02,
    ),
    Claim(
        0,
        "From y alone it took a little bit longer.",
        "updates to RMSE 0.02, y alone over x and y",
        sooner(HILL_Y, HILL, SETTLED, 0.02, (HILL_Y, CURVES)),
        low=1.05,
    ),
    Claim(
        0,
        "The sine worked out.",
        "RMSE of y after x = 0.1",
        final(SINE, SETTLED, FIT),
        high=0.02,
    ),
    Claim(
        0,
        "The learned sine lies between a = 0.2 and a = 0.4: smaller ones are copied, larger ones cut.",
        "output/input amplitude, a = 0.2 less a = 0.4",
        less((SINE, SHARE.format("0.2")), (SINE, SHARE.format("0.4")), (SINE, probe_figure("amplitude"))),
        low=0.05,
    ),
    Claim(
        0,
        "Larger sines come out far too small.",
        "output/input amplitude at a = 1",
        final(SINE, SHARE.format("1.0"), probe_figure("amplitude")),
        high=0.6,
    ),
    Claim(
        0,
        "Larger inputs still give larger outputs.",
        "least step between the peaks of successive amplitudes",
        Evidence(lowest_step, (SINE,), (SINE, probe_figure("amplitude"))),
        low=0,
    ),
    Claim(
        0,
        "The valley in the middle stays nearly untouched.",
        "largest depth of the valley below or above 0, a = 0.1 to 1",
        largest(SINE, [f"probe/amplitude/{value}/valley" for value in AMPLITUDES], probe_figure("amplitude")),
        high=0.1,
    ),
    Claim(
        0,
        "A displaced phase: the valley stays.",
        "largest depth of the valley below or above 0",
        largest(SINE, [f"probe/phase/{label}/valley" for label in PHASES], probe_figure("phase")),
        high=0.1,
    ),
    Claim(
        0,
        "A displaced phase: the valley stays where it was.",
        "samples from the input's valley to the output's, largest; the input's own moves by up to 15",
        largest(SINE, [f"probe/phase/{label}/valley_lag" for label in PHASES], probe_figure("phase")),
        low=6,
    ),
    Claim(
        0,
        "The frequency is copied correctly, except for the first part.",
        "largest relative error of the dominant frequency after x = 0.2",
        Evidence(frequency_error, (SINE,), (SINE, probe_figure("frequency"))),
        high=0.05,
    ),
    Claim(
        0,
        "The only thing that is really wrong is the amplitude.",
        "output/input amplitude at a = 1, w = 60",
        final(SINE, "probe/frequency/a1.0_w60/amplitude_ratio", probe_figure("frequency")),
        high=0.4,
    ),
    Claim(
        0,
        "Lines grow all by the same factor, although their slopes differ from 0.1 to 1.2.",
        "output slope per input slope, flattest line over steepest",
        Evidence(growth, (SINE,), (SINE, probe_figure("lines"))),
        low=0.67,
        high=1.5,
    ),
    Claim(
        0,
        "Without intercept, linear functions are mapped to non-linear ones.",
        "fall of the output before x = 0.5 for slope 1.2",
        final(SINE, DROP, probe_figure("lines_no_intercept")),
        low=0.05,
    ),
    Claim(
        0,
        "They perform something like a sine phase in the beginning: because a sine was learned.",
        "that fall, over the fall of a network that learned the hill",
        times((SINE, DROP), (HILL_Y, DROP), (HILL_Y, probe_figure("lines_no_intercept"))),
        low=2,
    ),
    Claim(
        0,
        "Saturation belongs to the bounded output: a dense read-out has none (control).",
        "output/input amplitude at a = 1",
        final(DENSE, SHARE.format("1.0"), probe_figure("amplitude")),
        low=0.8,
    ),
    Claim(
        0,
        "Saturation belongs to the single amplitude in training: with many there is less (control).",
        "output/input amplitude at a = 0.4, less that after one amplitude",
        less((MANY, SHARE.format("0.4")), (SINE, SHARE.format("0.4")), (MANY, probe_figure("amplitude"))),
        low=0.05,
    ),
    Claim(
        0,
        "The amplitude of a wave can be extracted.",
        "RMSE of the amplitude",
        final(AMPLITUDE, "val/rmse", FIT),
        high=0.01,
    ),
    Claim(
        0,
        "It diverges starting from 0.5: up to there it is right.",
        "error at a = 0.4",
        off(AMPLITUDE, NAMED.format("0.4"), 0.4, probe_figure("extrapolated_amplitudes")),
        high=0.02,
    ),
    Claim(
        0,
        "It diverges starting from 0.5: beyond, amplitudes are named too small.",
        "amplitude named for a = 1",
        final(AMPLITUDE, NAMED.format("1.0"), probe_figure("extrapolated_amplitudes")),
        high=0.9,
    ),
    Claim(
        0,
        "Slope and intercept of a line are learned.",
        "RMSE of slope and intercept",
        final(SLOPE, "val/rmse", FIT),
        high=0.05,
    ),
    Claim(
        0,
        "A negative slope cannot be handled well.",
        "error at slope -0.4",
        off(SLOPE, "probe/extrapolated_slopes/-0.4/predicted_slope", -0.4, probe_figure("extrapolated_slopes")),
        low=0.1,
    ),
    Claim(
        0,
        "Nor can a larger slope.",
        "error at slope 1, a tenth beyond the training range",
        off(SLOPE, "probe/extrapolated_slopes/1.0/predicted_slope", 1.0, probe_figure("extrapolated_slopes")),
        low=0.1,
    ),
    Claim(
        0,
        "Learning slope and intercept needs a forget bias of 3: with 0 it stalls (control).",
        "RMSE of slope and intercept, forget bias 0",
        final(BIAS_0, "val/rmse", CURVES),
        low=0.1,
    ),
    Claim(
        0,
        "Learning slope and intercept needs a forget bias of 3: with 1 it stalls (control).",
        "RMSE of slope and intercept, forget bias 1",
        final(BIAS_1, "val/rmse", CURVES),
        low=0.1,
    ),
)
