import numpy as np
import pytest

from seqprobe.figures import curve_probe, parameter_probe
from seqprobe.figures.style import palette

X = np.linspace(0, 1, 5)
VALUES = np.array([0.5, 2.0, 1.0])
TRUTH = VALUES[:, None] * (1 + np.sin(10 * X))
LABELS = [f"a={value:g}" for value in VALUES]
OFFSETS = np.array([0.0, 0.1, 0.4, np.nan])
ERRORS = OFFSETS[:, None] * np.ones(3)
LOW, HIGH = 0 * X, 1 + np.sin(10 * X)


def labelled(axes, label):
    return [line.get_ydata() for line in axes.get_lines() if line.get_label() == label]


def probe(trained_range=(0.2, 1.0), trained_band=(LOW, HIGH), offsets=OFFSETS):
    predictions, errors = TRUTH + offsets[:, None, None], offsets[:, None] * np.ones(3)
    references = {"constant predictor": np.array([0.35, 0.1, 0.2])}
    return curve_probe(
        X,
        "x in rad",
        TRUTH,
        predictions,
        LABELS,
        VALUES,
        "amplitude",
        trained_range,
        trained_band,
        errors,
        references,
        "t",
    )


def test_a_panel_for_each_curve_in_the_order_and_colours_of_the_values():
    *facets, _ = probe().axes
    order = np.argsort(VALUES)
    assert [axes.get_title(loc="left") for axes in facets] == [LABELS[k] for k in order]
    np.testing.assert_array_equal([labelled(axes, "truth")[0] for axes in facets], TRUTH[order])
    np.testing.assert_allclose([labelled(axes, "_prediction")[0] for axes in facets], TRUTH[order] + 0.1)
    assert [axes.get_lines()[0].get_color() for axes in facets] == palette(3)
    assert len({axes.get_ylim() for axes in facets}) == 1
    low, high = facets[0].get_ylim()
    assert low < TRUTH.min()
    assert high > TRUTH.max() + 0.4


def test_bands_span_the_finite_members_and_the_training_curves():
    *facets, _ = probe().axes
    for axes, k in zip(facets, np.argsort(VALUES), strict=True):
        training, shade = axes.collections
        heights = shade.get_paths()[0].vertices[:, 1]
        np.testing.assert_allclose([heights.min(), heights.max()], [TRUTH[k].min(), TRUTH[k].max() + 0.4])
        assert training.get_label() == "training curves"
        np.testing.assert_allclose(training.get_paths()[0].vertices[:, 1].max(), HIGH.max())


def test_errors_are_ordered_by_value_beside_the_trained_span_and_the_reference():
    axes = probe().axes[-1]
    np.testing.assert_array_equal(labelled(axes, "_seed"), ERRORS[:3])
    np.testing.assert_array_equal(labelled(axes, "_median"), [[0.1, 0.1, 0.1]])
    np.testing.assert_array_equal(labelled(axes, "constant predictor"), [[0.35, 0.2, 0.1]])
    (span,) = [patch for patch in axes.patches if patch.get_label() == "trained"]
    assert (span.get_x(), span.get_x() + span.get_width()) == (0.2, 1.0)
    assert axes.get_xlabel() == "amplitude"


def test_a_single_training_curve_is_a_line_in_every_panel():
    *facets, errors = probe(trained_range=(0.6, 0.6), trained_band=(HIGH, HIGH)).axes
    for axes in facets:
        np.testing.assert_array_equal(labelled(axes, "training curve"), [HIGH])
    (line,) = [line for line in errors.get_lines() if line.get_label() == "trained"]
    assert line.get_xdata() == [0.6, 0.6]


@pytest.mark.parametrize(
    ("offsets", "said"), [(OFFSETS[:1], "1 seed"), (OFFSETS[3:], "no finite member (1 of 1 seeds diverged)")]
)
def test_one_seed_and_none_can_be_drawn(offsets, said):
    drawing = probe(None, None, offsets)
    drawing.draw_without_rendering()
    assert not drawing.axes[0].collections
    assert said in drawing.get_supxlabel()


def test_parameters_that_vary_and_that_do_not():
    parameters = np.stack([VALUES, np.full(3, 0.5)], axis=-1)
    predicted = parameters + OFFSETS[:, None, None]
    lines = parameters[:, :1] * X + parameters[:, 1:]
    drawing = parameter_probe(
        X,
        "x",
        lines,
        lines + OFFSETS[:, None, None],
        LABELS,
        ["slope", "intercept"],
        parameters,
        predicted,
        [(0.0, 1.0), (0.5, 0.5)],
        np.array([True, False, True]),
        "t",
    )
    *curves, slope, intercept = drawing.axes
    assert [axes.get_title("left") for axes in curves] == LABELS
    for axes, line in zip(curves, lines, strict=True):
        np.testing.assert_allclose(labelled(axes, "_prediction"), [line + 0.1])
    np.testing.assert_array_equal(labelled(slope, "truth"), [[0.5, 2.0]])
    assert (slope.patches[0].get_x(), slope.patches[0].get_width()) == (0.0, 1.0)
    assert labelled(intercept, "truth (0.5)") == [[0.5, 0.5]]
    assert [(patch.get_x(), patch.get_width()) for patch in intercept.patches] == [(-0.5, 1.0), (1.5, 1.0)]
    assert [patch.get_label() for patch in intercept.patches] == ["trained", "_trained"]
    assert [tick.get_text() for tick in intercept.get_xticklabels()] == LABELS
    for axes, wanted in ((slope, VALUES), (intercept, np.full(3, 0.5))):
        medians = [line.get_ydata() for line in axes.get_lines() if line.get_marker() == "D"]
        np.testing.assert_allclose(medians, wanted[:, None] + 0.1)
        np.testing.assert_allclose(labelled(axes, "_seeds"), wanted[:, None] + OFFSETS[:3])
