import numpy as np
import pytest

from seqprobe.figures import training_curves

STEPS, VAL_STEPS = np.array([0, 10, 20]), np.array([0, 20])
TRAIN = np.array([[1.0, 0.5, 0.1], [2.0, 0.6, 0.3], [3.0, np.nan, np.nan]])
VAL = np.array([[1.5, 0.2], [2.5, 0.4], [3.5, np.nan]])


@pytest.fixture
def drawing():
    return training_curves(STEPS, TRAIN, VAL_STEPS, VAL, "mean squared error", {"constant predictor": 0.25}, "t")


def labelled(drawing, label):
    return [line for line in drawing.axes[0].get_lines() if line.get_label() == label]


@pytest.mark.parametrize(
    ("label", "x", "y"),
    [
        ("training loss", STEPS, [1.5, 0.55, 0.2]),
        ("validation loss", VAL_STEPS, [2.0, 0.3]),
        ("constant predictor (0.25)", [0, 1], [0.25, 0.25]),
    ],
)
def test_medians_leave_out_the_diverged_member_and_references_are_levels(drawing, label, x, y):
    (line,) = labelled(drawing, label)
    np.testing.assert_allclose(line.get_xdata(), x)
    np.testing.assert_allclose(line.get_ydata(), y)


def test_every_member_is_drawn_even_one_that_diverged(drawing):
    seeds = [line.get_ydata() for line in labelled(drawing, "_seed")]
    for drawn, given in zip(seeds, [*TRAIN, *VAL], strict=True):
        np.testing.assert_array_equal(drawn, given)


def test_axes_are_logarithmic_named_and_noted(drawing):
    axes = drawing.axes[0]
    assert (axes.get_yscale(), axes.get_xlabel(), axes.get_ylabel()) == ("log", "updates", "mean squared error")
    assert drawing.get_supxlabel() == "thick: median of 2 of 3 seeds; 1 diverged · thin: each seed"
    assert drawing.get_suptitle() == "t"


@pytest.mark.parametrize(("train", "val"), [(TRAIN[:1, :1], VAL[:1, :1]), (TRAIN * np.nan, VAL * np.nan)])
def test_a_single_update_and_no_finite_member_can_be_drawn(train, val):
    steps, val_steps = STEPS[: train.shape[1]], VAL_STEPS[: val.shape[1]]
    training_curves(steps, train, val_steps, val, "loss", {}, "t").draw_without_rendering()
