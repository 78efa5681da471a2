"""The figures of post 0 as a reproduction draws them, one for each of the post's, with a measure of what it says."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seqprobe import figures
from seqprobe.figures import CurveMeasure
from seqprobe.probes.measures import START_UP, early_drop, frequency, peak, valley_delay
from seqprobe.reports.claims.recorded_run import RecordedRun, Runs

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SINE = "experiment=post0/sine"
LEAST_FALL = 0.05
"""The limit of the claims about lines: `low` in conf/claim/post0/4_lines.yaml."""


@dataclass(frozen=True)
class ProbedCurves:
    """What a probe of curves recorded.

    Attributes:
        x: ``(T,)``.
        truth: ``(V, T)``.
        outputs: ``(S, V, T)``.
        labels: V values, as the probe names them: ``0.1``, or ``a0.1_w10``.
    """

    x: np.ndarray
    truth: np.ndarray
    outputs: np.ndarray
    labels: list[str]

    def measure(self, measure: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
        """A measure of the outputs, ``(S, V)``."""
        return measure(self.x, self.truth, self.outputs)

    @property
    def learned(self) -> tuple[np.ndarray, np.ndarray]:
        """The one sine that was trained, as a band without width."""
        curve = 0.3 + 0.3 * np.sin(10 * self.x)
        return curve, curve


def probed_curves(run: RecordedRun, probe: str) -> ProbedCurves | None:
    """The curves of a probe from its table; None where there is none."""
    content = run.artifact(f"tables/probe_{probe}.csv")
    if content is None:
        return None
    table = pd.read_csv(io.BytesIO(content), dtype={"value": str})
    labels, shape = list(table["value"].unique()), (table["seed"].nunique(), table["value"].nunique(), -1)
    truth, outputs = (table[name].to_numpy(dtype=float).reshape(shape) for name in ("truth", "prediction"))
    return ProbedCurves(table["x"].unique(), truth[0], outputs, labels)


def drawn_probe(probe: str, draw: Callable[[ProbedCurves], Figure]) -> Callable[[Runs], Figure | None]:
    """A drawing of a probe of the sine's network; it draws None where the probe was not recorded."""

    def drawing(runs: Runs) -> Figure | None:
        curves = probed_curves(runs[SINE], probe) if SINE in runs else None
        return None if curves is None else draw(curves)

    return drawing


def numbers(labels: list[str], index: int) -> np.ndarray:
    """The numbers in labels such as ``a0.1_w10``: the first for ``index`` 0, the second for 1."""
    return np.array([float(label.split("_")[index].lstrip("awpm")) for label in labels])


def amplitude_labels(labels: list[str]) -> list[str]:
    """``a = 0.1`` for ``0.1``."""
    return [f"a = {label}" for label in labels]


def draw_outputs(curves: ProbedCurves) -> Figure:
    """The outputs for other amplitudes alone, and their peaks."""
    positions = numbers(curves.labels, 0)
    levels = {"a copy": 2 * positions, "peak of the learned sine": np.full(len(positions), 0.6)}
    measure = CurveMeasure(positions, "amplitude a of the input", curves.measure(peak), "peak of the output", levels)
    title = "Other amplitudes: the outputs alone, and their peaks"
    return figures.measured_outputs(
        curves.x, curves.outputs, amplitude_labels(curves.labels), curves.learned, measure, title
    )


def draw_comparison(curves: ProbedCurves) -> Figure:
    """Inputs and outputs for other amplitudes, and the heights of the valleys, which all inputs have at 0."""
    after = curves.x > START_UP
    valleys = curves.outputs[..., after].min(-1)
    levels = {"the inputs' valleys": np.zeros(len(curves.labels))}
    measure = CurveMeasure(
        numbers(curves.labels, 0), "amplitude a of the input", valleys, "valley of the output", levels
    )
    title = "Other amplitudes: inputs and outputs, and the valleys of the outputs"
    labels = amplitude_labels(curves.labels)
    return figures.measured_facets(curves.x, curves.truth, curves.outputs, labels, curves.learned, measure, title)


def draw_phases(curves: ProbedCurves) -> Figure:
    """Inputs and outputs for other phases, and where the valleys are."""
    places, phases = valleys_of(curves)
    step = float(curves.x[1] - curves.x[0])
    outputs = places + step * curves.measure(valley_delay)
    learned = np.full(len(phases), 1.5 * np.pi / 10)
    levels = {"the input's valley": places, "where the learned sine's valley is": learned}
    measure = CurveMeasure(phases, "phase of the input in rad", outputs, "x of the valley", levels)
    marks = {"the input's valley": places, "the output's": np.median(outputs, 0)}
    labels = [f"a = {a:g}, phase {p:g}" for a, p in zip(numbers(curves.labels, 0), phases, strict=True)]
    title = "Other phases: inputs and outputs, and where their valleys are"
    return figures.measured_facets(
        curves.x, curves.truth, curves.outputs, labels, curves.learned, measure, title, marks
    )


def valleys_of(curves: ProbedCurves) -> tuple[np.ndarray, np.ndarray]:
    """Where the inputs sin(10 x + p) have their first valleys, and the phases p, ``(V,)`` each."""
    phases = numbers(curves.labels, 1)
    return (1.5 * np.pi - phases) / 10, phases


def draw_frequencies(curves: ProbedCurves) -> Figure:
    """Inputs and outputs for other frequencies, and the output's frequency over the input's."""
    inputs = numbers(curves.labels, 1)
    measure = CurveMeasure(
        inputs, "frequency of the input", curves.measure(frequency), "frequency of the output", {"a copy": inputs}, True
    )
    labels = [f"a = {a:g}, w = {w:g}" for a, w in zip(numbers(curves.labels, 0), inputs, strict=True)]
    title = "Other frequencies: inputs and outputs, and frequency over frequency"
    return figures.measured_facets(curves.x, curves.truth, curves.outputs, labels, None, measure, title)


def draw_lines(title: str) -> Callable[[ProbedCurves], Figure]:
    """The outputs for lines alone, and how far each falls in the beginning, where its input only rises."""

    def draw(curves: ProbedCurves) -> Figure:
        slopes = numbers(curves.labels, 0)
        levels = {"limit of the claim": np.full(len(slopes), LEAST_FALL)}
        measure = CurveMeasure(
            slopes, "slope m of the input", curves.measure(early_drop), "fall before x = 0.5", levels
        )
        labels = [f"m = {label}" for label in curves.labels]
        return figures.measured_outputs(curves.x, curves.outputs, labels, None, measure, title)

    return draw


CURVE_DRAWINGS: Mapping[str, Callable[[Runs], Figure | None]] = {
    "sines": drawn_probe("amplitude", draw_outputs),
    "sines_with_inputs": drawn_probe("amplitude", draw_comparison),
    "phases_of_sines": drawn_probe("phase", draw_phases),
    "frequencies_of_sines": drawn_probe("frequency", draw_frequencies),
    "lines_with_intercept": drawn_probe(
        "lines", draw_lines("Lines with an intercept: the outputs, and how far they fall at first")
    ),
    "lines_through_origin": drawn_probe(
        "lines_no_intercept", draw_lines("Lines through the origin: the outputs, and how far they fall at first")
    ),
}
"""Drawings of the network that learned one sine, by name."""
