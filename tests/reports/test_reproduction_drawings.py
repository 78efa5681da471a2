"""What a reproduction draws from tables: each of the posts' pictures has one of its own, with measured numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest
import yaml

from seqprobe.config.picture_files import load_pictures
from seqprobe.config.places import resources
from seqprobe.probes.feature_units import FEATURES
from seqprobe.reports.curve_drawings import CURVE_DRAWINGS, LEAST_FALL, SINE
from seqprobe.reports.gate_drawings import GATE_DRAWINGS, SENTENCE, STEPS
from seqprobe.reports.question_drawings import QUESTION_DRAWINGS
from seqprobe.reports.reproduction_figures import DRAWINGS
from seqprobe.tasks.grammar import POST_SENTENCE

X = np.linspace(0, 1, 100)


@dataclass
class Recorded:
    """A population with tables."""

    tables: Mapping[str, pd.DataFrame]
    params: Mapping[str, str] = field(default_factory=dict)
    finals: Mapping[str, np.ndarray] = field(default_factory=dict)

    def history(self, metric: str) -> tuple[np.ndarray, np.ndarray]:
        raise KeyError(metric)

    def artifact(self, path: str) -> bytes | None:
        table = self.tables.get(path)
        return None if table is None else table.to_csv(index=False).encode()


def sines(parameters: Mapping[str, tuple[float, float, float]], gain: float) -> pd.DataFrame:
    """Sines a(1 + sin(w x + p)) of named a, w and p, and outputs of ``gain`` times their size."""
    tables = []
    for seed in (0, 1):
        for value, (a, w, p) in parameters.items():
            truth = a * (1 + np.sin(w * X + p))
            columns = {"seed": seed, "value": value, "x": X, "truth": truth, "prediction": gain * truth}
            tables.append(pd.DataFrame(columns))
    return pd.concat(tables)


def medians(name: str, probe: str, table: pd.DataFrame) -> np.ndarray:
    drawing = CURVE_DRAWINGS[name]({SINE: Recorded({f"tables/probe_{probe}.csv": table})})
    assert drawing is not None
    drawing.draw_without_rendering()
    (points,) = [shown for shown in drawing.axes[-1].collections if len(shown.get_offsets()) > 1]
    return np.asarray(points.get_offsets(), dtype=float)


def test_peaks_of_other_amplitudes_are_over_their_amplitudes() -> None:
    table = sines({"0.2": (0.2, 10, 0), "1.0": (1.0, 10, 0)}, 0.5)
    np.testing.assert_allclose(medians("sines", "amplitude", table), [[0.2, 0.2], [1.0, 1.0]], atol=1e-3)
    np.testing.assert_allclose(medians("sines_with_inputs", "amplitude", table)[:, 1], [0, 0], atol=1e-3)


def test_the_frequency_of_outputs_is_over_the_inputs() -> None:
    table = sines({"a0.2_w20": (0.2, 20, 0), "a1.0_w60": (1.0, 60, 0)}, 0.3)
    np.testing.assert_allclose(medians("frequencies_of_sines", "frequency", table), [[20, 20], [60, 60]], atol=0.2)


def test_valleys_are_where_those_of_the_output_are() -> None:
    table = sines({"a0.2_p0.3": (0.2, 10, 0.3), "a1.0_p1.5": (1.0, 10, 1.5)}, 0.5)
    expected = [[0.3, (1.5 * np.pi - 0.3) / 10], [1.5, (1.5 * np.pi - 1.5) / 10]]
    np.testing.assert_allclose(medians("phases_of_sines", "phase", table), expected, atol=0.01)


@pytest.mark.parametrize(
    ("name", "probe"), [("lines_with_intercept", "lines"), ("lines_through_origin", "lines_no_intercept")]
)
def test_falls_of_lines_are_over_their_slopes(name: str, probe: str) -> None:
    lines = [
        pd.DataFrame({"seed": 0, "value": str(m), "x": X, "truth": m * X, "prediction": -m * X}) for m in (0.1, 1.0)
    ]
    late = [(X <= 0.5).sum() - 1] * 2
    np.testing.assert_allclose(medians(name, probe, pd.concat(lines)), [[0.1, 0.1 * X[late[0]]], [1.0, X[late[1]]]])


def test_the_limit_beside_the_falls_is_that_of_the_claims() -> None:
    claims = yaml.safe_load((resources("conf") / "claim/post0/4_lines.yaml").read_text())["claims"]
    assert {claims[name]["low"] for name in ("sine_phase_in_the_beginning", "lines_become_curves")} == {LEAST_FALL}


def gate_rows(value: float) -> pd.DataFrame:
    words = POST_SENTENCE.split()
    rows = [
        {"seed": seed, "name": name, "word": word, "step": step, "unit": 3, "value": value + seed, "feature": feature}
        for seed in (0, 1, 2)
        for name in ("input_gate", "forget_gate", "output_gate", "candidate", "cell", "hidden")
        for step, word in enumerate(words[:-1])
        for feature in FEATURES
    ]
    expected = [
        {"seed": seed, "name": "expected", "word": "w", "step": step, "unit": 1, "value": p, "feature": feature}
        for seed in (0, 1, 2)
        for step in range(len(words) - 1)
        for feature, p in (("croissant", 0.25), (f"word {step}", 0.75))
    ]
    plain = [{"seed": 0, "name": "cell", "word": "In", "step": 0, "unit": 0, "value": 7.0, "feature": None}]
    return pd.DataFrame([*plain, *rows, *expected])


@pytest.mark.parametrize("name", STEPS)
def test_a_step_shows_its_gate_at_its_word(name: str) -> None:
    drawing = GATE_DRAWINGS[name]({SENTENCE: Recorded({"tables/probe_phases.csv": gate_rows(0.5)})})
    assert drawing is not None
    step, words = STEPS[name], POST_SENTENCE.split()
    assert f"at “{words[step.word]}”" in drawing.get_suptitle()
    fields, expected = drawing.axes
    assert [label.get_text() for label in fields.get_yticklabels()] == list(FEATURES)
    assert [label.get_text() for label in fields.get_xticklabels()] == list(step.columns)
    assert {text.get_text().strip() for text in fields.texts} == {"1.50", "0.50 … 2.50"}
    asked = step.word if step.shows_next else step.word - 1
    assert [label.get_text() for label in expected.get_yticklabels()] == [f"word {asked}", "croissant"]


def test_tables_of_earlier_versions_draw_no_steps() -> None:
    old = gate_rows(0.5).drop(columns="feature")
    draw = GATE_DRAWINGS["forget_at_but"]
    assert draw({SENTENCE: Recorded({"tables/probe_phases.csv": old})}) is None
    added = Recorded({"tables/probe_phases.csv": old, "tables/probe_gates.csv": gate_rows(0.5)})
    assert draw({SENTENCE: added}) is not None
    assert draw({}) is None


@pytest.mark.parametrize("name", QUESTION_DRAWINGS)
def test_questions_are_drawn_without_any_training(name: str) -> None:
    drawing = DRAWINGS[name].draw({})
    assert drawing is not None
    assert drawing.get_suptitle()
    assert drawing.axes[0].get_xlabel()


def test_no_two_pictures_of_a_post_show_the_same_figure_of_ours() -> None:
    pairs = load_pictures([resources("conf")])
    ours = [str(pair.ours) for pair in pairs]
    assert len(pairs) == 36
    assert {source for source in ours if ours.count(source) > 1} == set()
    assert min(len(pair.shows) for pair in pairs) > 25
