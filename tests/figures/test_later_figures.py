"""Figures of posts 1 and 2, by their data."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from seqprobe import figures
from seqprobe.figures import Machine
from seqprobe.figures.class_probabilities import probabilities
from seqprobe.figures.convergence import best_so_far
from seqprobe.figures.hidden_states import principal
from seqprobe.figures.score_axis import score_limits

NAMES = ["WAIT", "WALK"]
TRUTH = np.array([[0, 1, 0], [1, 0, 0]])
LENGTHS = np.array([3, 2])


def logits_of(believed: Any) -> np.ndarray:
    """Logits that give the true classes of `TRUTH` these probabilities."""
    p = np.broadcast_to(believed, TRUTH.shape)
    odds = np.log(p / (1 - p))
    return np.stack([np.where(TRUTH == 0, odds, 0), np.where(TRUTH == 1, odds, 0)], -1)


def image_of(drawing: Any) -> np.ndarray:
    return np.ma.filled(drawing.axes[0].images[0].get_array().astype(float), np.nan)


def test_probabilities_are_the_softmax() -> None:
    np.testing.assert_allclose(probabilities(np.log([[1.0, 3.0]])), [[0.25, 0.75]])
    np.testing.assert_allclose(figures.of_true_class(TRUTH, logits_of(0.7)), np.full((2, 3), 0.7))


def test_class_sequences_show_the_median_probability_and_no_padding() -> None:
    members = np.stack([logits_of(0.2), logits_of(0.9), logits_of(0.6), np.full((2, 3, 2), np.nan)])
    drawing = figures.class_sequences(TRUTH, LENGTHS, members, NAMES, "title")
    np.testing.assert_allclose(image_of(drawing), [[0.6, 0.6, 0.6], [0.6, 0.6, np.nan]])
    assert [text.get_text() for text in drawing.axes[0].texts] == ["WAIT", "WALK", "WAIT", "WALK", "WAIT"]
    assert "3 of 4 seeds; 1 diverged" in drawing.get_supxlabel()


def test_confusion_counts_answers_by_true_class() -> None:
    truth = np.array([0, 0, 1])
    answers = np.array([[0, 1, 1], [0, 0, 1]])
    drawing = figures.confusion(truth, np.eye(2)[answers], NAMES, "title")
    np.testing.assert_allclose(image_of(drawing), [[0.75, 0.25], [0, 1]])
    assert [text.get_text() for text in drawing.axes[0].texts] == ["0.75", "0.25", "1.00"]


@pytest.mark.parametrize("kind", ["sequences", "confusion"])
def test_animations_have_a_frame_per_update(kind: str) -> None:
    steps = np.array([0, 5, 10])
    if kind == "sequences":
        frames = np.stack([np.stack([logits_of(p), logits_of(p)]) for p in (0.5, 0.7, 0.9)])
        gif = figures.class_sequences_animation(TRUTH, LENGTHS, frames, steps, NAMES, "title")
    else:
        frames = np.stack([np.stack([logits_of(p)[0]] * 2) for p in (0.5, 0.7, 0.9)])
        gif = figures.confusion_animation(TRUTH[0], frames, steps, NAMES, "title")
    assert getattr(Image.open(io.BytesIO(gif)), "n_frames", 1) == 3


def test_measured_draws_members_median_references_and_the_training_range() -> None:
    scores = {"error": np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 5.0], [np.nan] * 3])}
    best = {"error": {"best possible": np.array([0.5, 0.4, 0.3])}}
    drawing = figures.scores_by_position(np.array([3.0, 1.0, 2.0]), "length", scores, best, (1.0, 2.0), "title", ("y",))
    (axes,) = drawing.axes
    lines = {line.get_label(): line for line in axes.lines}
    assert lines["members"].get_xdata().tolist() == [1, 2, 3]
    assert lines["members"].get_ydata().tolist() == [2, 4, 2]
    assert lines["best possible"].get_ydata().tolist() == [0.4, 0.3, 0.5]
    assert len([label for label in lines if label.startswith("_")]) >= 1
    assert (axes.get_yscale(), axes.get_xscale(), axes.get_xlabel()) == ("log", "linear", "length")
    assert "2 of 3 seeds; 1 diverged" in drawing.get_supxlabel()


def test_a_level_line_of_scores_does_not_seem_to_vary() -> None:
    drawing = figures.scores_by_position(np.array([1.0, 2.0]), "x", {"accuracy": np.ones((2, 2))}, {}, None, "title")
    assert drawing.axes[0].get_ylim() == (0, 1.05)


@pytest.mark.parametrize(
    ("values", "scale", "limits"),
    [
        ([0.8325, 0.8525], "linear", (0, 1.05)),  # accuracies have the range of all shares
        ([0.02, 0.03, np.nan], "linear", (0, 0.0315)),
        ([-1.0, 3.0], "linear", (-1.2, 3.2)),
        ([-3.0, -1.0], "linear", (-3.15, 0.15)),
        ([], "linear", (0, 0.05)),
        ([1.0, 1.0], "log", (10**-0.5, 10**0.5)),
        ([0.0, 0.1, 100.0], "log", (10**-1.15, 10**2.15)),
        ([np.nan, np.inf], "log", (0.1, 1)),
    ],
)
def test_an_axis_of_scores_shows_no_difference_larger_than_it_is(
    values: list[float], scale: str, limits: tuple[float, float]
) -> None:
    assert score_limits(np.array(values), scale) == pytest.approx(limits)


def test_every_figure_of_scores_has_such_an_axis() -> None:
    close = np.array([[0.8325, 0.8525]])
    row = (close[0], 0.84, 0.8325, 0.8525)
    series = {"rnn": (np.arange(2.0), close)}
    drawings = [
        figures.scores_by_position(np.arange(2.0), "x", {"accuracy": close}, {}, None, "t"),
        figures.scores_by_label(["a", "b"], {"accuracy": close}, "t"),
        figures.small_multiples([figures.Panel("rnn", series)], ["rnn"], "x", "accuracy", "t", "r"),
        figures.contrasts(["a", "b"], {"accuracy": close}, {"accuracy": np.array([0.85, 0.85])}, "t"),
        figures.concepts(["a", "b"], ["c"], [1], close[None], close[None], close[0], close[None], "t"),
    ]
    assert {drawing.axes[0].get_ylim() for drawing in drawings} == {(0, 1.05)}
    assert figures.forest({"val/accuracy": {"rnn": row}}, {}, [], "t").axes[0].get_xlim() == (0, 1.05)
    steps = np.arange(2.0)
    curves = figures.training_curves(steps, close, steps, close, "loss", {}, "t").axes[0]
    assert curves.get_ylim()[1] == pytest.approx(10 * curves.get_ylim()[0])


def test_the_grid_lies_over_the_function() -> None:
    z, values = np.linspace(0, 10, 5), np.array([3.0, 1.0, 2.0, 4.0, 0.5])
    predictions = np.stack([[z + 1, z], [z + 3, z]])
    drawing = figures.inverse_grid(z, values, predictions, np.stack([z, z]), ["2 inputs", "3 inputs"], "title")
    first = {line.get_label(): line for line in drawing.axes[0].lines}
    assert first["truth"].get_xdata().tolist() == values.tolist()
    assert first["truth"].get_ydata().tolist() == z.tolist()
    assert first["prediction"].get_ydata().tolist() == (z + 2).tolist()
    assert drawing.axes[1].get_xlabel() == "first input f(z), of 3 inputs"


def test_information_marks_every_answer_to_one_value() -> None:
    wide = np.linspace(0, 10, 400)
    values = np.sin(wide)
    drawing = figures.information(
        wide[::20], wide, values, 6.6, np.array([0.1, 0.2]), [np.eye(20), np.eye(20)], np.array([1.0, 0.5]), "title"
    )
    titles = [axes.get_title() for axes in drawing.axes]
    assert "one value, 4 answers" in titles  # sin takes small positive values four times up to 10
    assert "distance between questions of 2 inputs" in titles
    assert drawing.get_supxlabel().endswith("different z with almost the same question")


def test_principal_components_are_ordered_and_centred() -> None:
    points = np.array([[0.0, 0.0, 1.0], [4.0, 0.0, 1.0], [0.0, 1.0, 1.0], [4.0, 1.0, 1.0]])
    found = principal(points)
    np.testing.assert_allclose(np.abs(found), [[2, 0.5]] * 4, atol=1e-12)
    np.testing.assert_allclose(found.mean(0), 0, atol=1e-12)
    assert principal(np.array([[1.0], [3.0]])).tolist() in ([[-1, 0], [1, 0]], [[1, 0], [-1, 0]])


def test_hidden_states_have_their_words_above_the_points() -> None:
    hidden, states = np.arange(24.0).reshape(2, 4, 3), np.array([[0, 1, 0, 1]] * 2)
    drawing = figures.hidden_states(hidden, states, ["locked", "open"], np.array([[1, 0.5], [0.75, 0.5]]), "t")
    assert [axes.get_title(loc="right") for axes in drawing.axes] == [
        "readable 100%, untrained 50%",
        "readable 75%, untrained 50%",
    ]
    assert not any(axes.texts or axes.get_legend() for axes in drawing.axes)
    assert [text.get_text() for text in drawing.legends[0].get_texts()] == ["locked", "open"]


def test_logarithmic_axes_of_scores_have_plain_numbers() -> None:
    steps, losses = np.arange(3.0), np.array([[2.0, 0.9, 0.7]])
    axes = figures.training_curves(steps, losses, steps, losses, "loss", {}, "t").axes[0]
    axes.figure.draw_without_rendering()
    shown = [label.get_text() for label in axes.get_yticklabels() if label.get_text()]
    assert {"0.5", "1", "2"} <= set(shown)


def test_beliefs_stand_beside_the_grammars_own() -> None:
    believed = np.array([[0.2, 1.0], [0.4, 0.8], [np.nan, np.nan]])
    drawing = figures.beliefs(["a … b", "c … d"], believed, np.array([0.25, 1.0]), "title")
    lines = {line.get_label(): line.get_xdata() for line in drawing.axes[0].lines}
    np.testing.assert_allclose(lines["median"], [0.3, 0.9])
    np.testing.assert_allclose(lines["the grammar's own"], [0.25, 1])
    assert [text.get_text() for text in drawing.axes[0].texts] == ["0.300", "0.900"]


def test_contrasts_show_what_is_possible() -> None:
    drawing = figures.contrasts(
        ["seen", "new"], {"loss": np.array([[1.0, 2.0], [2.0, 4.0]])}, {"loss": np.array([0.5, 0.6])}, "t"
    )
    lines = {line.get_label(): line.get_ydata() for line in drawing.axes[0].lines}
    assert lines["members"].tolist() == [1.5, 3]
    assert lines["best possible"].tolist() == [0.5, 0.6]


def test_concepts_show_trained_beside_untrained() -> None:
    trained, untrained = np.full((2, 1, 3), 0.9), np.full((2, 1, 3), 0.6)
    shown = np.array([[[0.2, 1.3, 0.5]], [[0.4, 0.9, 0.5]]])
    drawing = figures.concepts(
        ["In", "France", ","], ["seenFrance"], [1], trained, untrained, np.array([0.75]), shown, "t"
    )
    panel, read = drawing.axes[0], next(axes for axes in drawing.axes if axes.images)
    lines = {line.get_label(): list(line.get_ydata()) for line in panel.lines}
    assert lines["trained"] == [0.9] * 3
    assert lines["untrained"] == [0.6] * 3
    assert lines["commoner answer"] == [0.75, 0.75]
    np.testing.assert_allclose(read.images[0].get_array()[0], [0.3, 1.0, 0.5])


def test_convergence_is_of_the_least_error_so_far() -> None:
    errors = np.array([[4.0, 1.0, 2.0], [np.nan, 3.0, np.nan]])
    np.testing.assert_array_equal(best_so_far(errors), [[4, 1, 1], [np.inf, 3, 3]])
    panels = {"settings": {"rnn": (np.array([1.0, 2.0, 4.0]), errors[:1])}}
    drawing = figures.convergence(panels, [0.5], 0.1, "title")
    lines = {line.get_label(): line for line in drawing.axes[0].lines}
    assert lines["rnn"].get_ydata().tolist() == [4, 1, 1]
    assert "best possible (0.1)" in lines


def test_the_table_of_lags_counts_seeds() -> None:
    accuracies = np.array([[[1.0, 0.96, 0.2], [0.2, 0.3, 0.25]]])
    drawing = figures.recall_map([10, 20], [0], accuracies, 0.95, 0.25, "title")
    assert [text.get_text() for text in drawing.axes[0].texts] == ["2 of 3\n0.96", "0 of 3\n0.25"]
    np.testing.assert_allclose(image_of(drawing), [[0.96, 0.25]])


def test_examples_are_coloured_by_their_target() -> None:
    x, inputs = np.linspace(0, 1, 4), np.arange(8.0).reshape(2, 4)
    drawing = figures.examples(x, "x", inputs, np.array([[0.0], [1.0]]), ["amplitude"], "title")
    first, second = drawing.axes[0].lines
    assert first.get_ydata().tolist() == [0, 1, 2, 3]
    assert first.get_color() is not second.get_color()
    assert drawing.axes[1].get_ylabel() == "amplitude (target)"
    assert len(figures.examples(x, "x", inputs, None, ["y"], "title").axes) == 1


def test_automata_say_what_leads_where() -> None:
    machine = Machine(["a", "b"], [(0, 1, "x / 0", False), (1, 0, "y / 1", True), (0, 0, "y / 0", False)], "caption")
    many = Machine([f"q{i}" for i in range(9)], [], "many")
    drawing = figures.automata([machine, many], "title", others=3)
    written = {text.get_text() for text in drawing.axes[0].texts}
    assert {"a", "b", "x / 0", "y / 1", "y / 0"} <= written
    assert "9 states, too many to draw" in drawing.axes[1].texts[0].get_text()
    assert "3 more seeds" in drawing.get_supxlabel()


def test_equations_are_written_in_order() -> None:
    drawing = figures.equations({r"h_t = o_t \tanh(c_t)": "hidden state", "y = x": "output"}, "title")
    assert [text.get_text() for text in drawing.axes[0].texts] == [
        r"$h_t = o_t \tanh(c_t)$",
        "hidden state",
        "$y = x$",
        "output",
    ]
