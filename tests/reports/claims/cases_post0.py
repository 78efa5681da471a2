"""For each part of each claim of post 0, numbers on both sides of its limits (see `synthetic_runs`)."""

from __future__ import annotations

from reports.claims.synthetic_runs import Runs, among, final, pair, speed

SETTLED = "val/rmse_settled"
AMPLITUDES = ("0.1", "0.2", "0.4", "0.6", "0.8", "1.0")
PHASES = ("a0.1_p0.15", "a0.2_p0.3", "a0.4_p0.6", "a0.6_p0.9", "a0.8_p1.2", "a1.0_p1.5")
FREQUENCIES = ("a0.1_w10", "a0.2_w20", "a0.4_w30", "a0.6_w40", "a0.8_w50", "a1.0_w60")
SLOPES = ("0.1", "0.3", "0.5", "0.8", "1.0", "1.2")
OTHER_LINES = [
    *(f"probe/lines/{slope}/rmse_settled" for slope in SLOPES[:2]),
    *(f"probe/lines_no_intercept/{slope}/rmse_settled" for slope in SLOPES[:4]),
]
PEAKS = [f"probe/amplitude/{value}/peak" for value in AMPLITUDES]
RISING = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]


def of_each(probe: str, values: tuple[str, ...], measure: str) -> list[str]:
    return [f"probe/{probe}/{value}/{measure}" for value in values]


CASES: dict[str, list[Runs]] = {
    "line_and_hill/one_layer_fits_the_line": [final("post0/line_xy", SETTLED, 0.02, 0.021)],
    "line_and_hill/one_layer_misses_the_hill": [final("controls/hill_one_layer", SETTLED, 0.02, 0.019)],
    "line_and_hill/hill_is_harder_than_line": [
        speed("controls/hill_one_layer", "controls/line_one_layer", SETTLED, 0.02, 2.0, 1.9, 0.4)
    ],
    "line_and_hill/two_layers_fit_the_hill": [final("post0/hill_xy", SETTLED, 0.02, 0.021)],
    "line_and_hill/network_is_the_identity": [
        among("post0/line_xy", OTHER_LINES, 0.05, 0.051),
        among("post0/hill_xy", OTHER_LINES, 0.05, 0.051),
    ],
    "line_and_hill/y_alone_fits_the_hill": [final("post0/hill_y", SETTLED, 0.02, 0.021)],
    "line_and_hill/y_alone_takes_longer": [speed("post0/hill_y", "post0/hill_xy", SETTLED, 0.02, 1.05, 1.04, 2.01)],
    "sine/sine_is_learned": [final("post0/sine", SETTLED, 0.02, 0.021)],
    "sine/learned_sine_is_between": [
        final("post0/sine", "probe/amplitude/0.2/peak", 0.6, 0.61),
        final("post0/sine", "probe/amplitude/0.4/peak", 0.6, 0.59),
    ],
    "sine/smaller_are_copied_larger_cut": [
        pair(
            ("post0/sine", "probe/amplitude/0.2/amplitude_ratio"),
            ("post0/sine", "probe/amplitude/0.4/amplitude_ratio"),
            (1.0, 0.94),
            (1.0, 0.96),
            (0.9, 1.0),
        )
    ],
    "sine/large_sines_are_cut": [final("post0/sine", "probe/amplitude/1.0/amplitude_ratio", 0.6, 0.61)],
    "sine/outputs_grow_with_inputs": [among("post0/sine", PEAKS, RISING, [0.21, *(x - 0.11 for x in RISING[1:])])],
    "sine/valley_stays_untouched": [among("post0/sine", of_each("amplitude", AMPLITUDES, "valley"), 0.1, -0.11)],
    "phase_and_frequency/valley_stays_with_other_phases": [
        among("post0/sine", of_each("phase", PHASES, "valley"), -0.1, 0.11),
        final("post0/sine", "probe/phase/a1.0_p1.5/valley_delay", 8, 7, -9),
    ],
    "phase_and_frequency/frequency_is_copied": [
        among(
            "post0/sine",
            of_each("frequency", FREQUENCIES, "frequency"),
            [10.4, 19.2, 31, 40, 50, 60],
            [10.6, 21.1, 31.6, 42.1, 52.6, 63.1],
        )
    ],
    "phase_and_frequency/only_the_amplitude_is_wrong": [
        final("post0/sine", "probe/frequency/a1.0_w60/amplitude_ratio", 0.4, 0.41),
        among("post0/sine", of_each("frequency", FREQUENCIES, "correlation_best_lag"), 0.95, 0.94),
    ],
    "lines/sine_phase_in_the_beginning": [among("post0/sine", of_each("lines", SLOPES, "early_drop"), 0.05, 0.04)],
    "lines/lines_grow_alike": [among("post0/sine", of_each("lines", SLOPES, "late_slope"), 0.2, 0.31)],
    "lines/lines_keep_their_proportions": [
        pair(
            ("post0/sine", "probe/lines/0.1/late_slope"),
            ("post0/sine", "probe/lines/1.2/late_slope"),
            (0.01, 0.09),  # gains of .1 and .075
            (0.01, 0.075),
            (0.01, 0.19),
        )
    ],
    "lines/lines_become_curves": [final("post0/sine", "probe/lines_no_intercept/1.2/early_drop", 0.05, 0.04)],
    "lines/curves_come_from_the_sine": [
        pair(
            ("post0/sine", "probe/lines_no_intercept/1.2/early_drop"),
            ("post0/hill_y", "probe/lines_no_intercept/1.2/early_drop"),
            (0.2, 0.1),
            (0.19, 0.1),
            (0.1, 0.2),
        )
    ],
    "saturation/dense_readout_does_not_saturate": [
        final("controls/dense_readout", "probe/amplitude/1.0/amplitude_ratio", 0.8, 0.79)
    ],
    "saturation/many_amplitudes_saturate_less": [
        pair(
            ("controls/many_amplitudes", "probe/amplitude/0.4/amplitude_ratio"),
            ("post0/sine", "probe/amplitude/0.4/amplitude_ratio"),
            (0.96, 0.9),
            (0.94, 0.9),
            (0.9, 1.0),
        )
    ],
    "amplitude/amplitude_is_learned": [final("post0/amplitude", "val/rmse", 0.01, 0.011)],
    "amplitude/diverges_beyond_the_training_range": [
        final("post0/amplitude", "probe/extrapolated_amplitudes/0.4/predicted_amplitude", 0.381, 0.379, 0.421),
        final("post0/amplitude", "probe/extrapolated_amplitudes/1.0/predicted_amplitude", 0.9, 0.91),
    ],
    "slope_intercept/slope_and_intercept_are_learned": [final("post0/slope_intercept", "val/rmse", 0.05, 0.051)],
    "slope_intercept/slopes_outside_fail": [
        final("post0/slope_intercept", "probe/extrapolated_slopes/-0.4/predicted_slope", -0.29, -0.31, -0.49),
        final("post0/slope_intercept", "probe/extrapolated_slopes/1.0/predicted_slope", 0.89, 0.91, 1.09),
    ],
    "slope_intercept/stalls_with_forget_bias_0": [final("controls/slope_forget_bias0", "val/rmse", 0.1, 0.09)],
    "slope_intercept/stalls_with_forget_bias_1": [final("controls/slope_forget_bias1", "val/rmse", 0.1, 0.09)],
}
