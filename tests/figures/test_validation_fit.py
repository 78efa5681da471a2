import numpy as np
import pytest

from seqprobe.figures import sequence_fit, vector_fit

X = np.linspace(0, 1, 4)
SEQUENCES = np.random.default_rng(0).normal(size=(2, 4, 2))
VECTORS = np.random.default_rng(1).normal(size=(3, 5, 2))
OFFSETS = np.array([0.1, 0.4, np.nan])[:, None, None]


def labelled(axes, label):
    return [line.get_ydata() for line in axes.get_lines() if line.get_label() == label]


def test_sequence_fit_draws_truth_and_median_per_output():
    predictions = SEQUENCES + OFFSETS[..., None]
    drawing = sequence_fit(X, "x in rad", SEQUENCES, predictions, ["height in m", "depth in m"], "t")
    for feature, axes in enumerate(drawing.axes):
        np.testing.assert_array_equal(labelled(axes, "_truth"), SEQUENCES[..., feature])
        np.testing.assert_allclose(labelled(axes, "_prediction"), SEQUENCES[..., feature] + 0.25)
        assert len(axes.collections) == len(SEQUENCES)
        assert axes.get_xlabel() == "x in rad"
    assert [axes.get_ylabel() for axes in drawing.axes] == ["height in m", "depth in m"]
    assert "median of 2 of 3 seeds; 1 diverged" in drawing.get_supxlabel()


@pytest.mark.parametrize(("scale", "said"), [(1.0, "1 seed"), (np.nan, "no finite member (1 of 1 seeds diverged)")])
def test_sequence_fit_of_one_seed_has_no_band(scale, said):
    drawing = sequence_fit(X, "x", SEQUENCES, SEQUENCES[None] * scale, ["a", "b"], "t")
    drawing.draw_without_rendering()
    assert not drawing.axes[0].collections
    assert said in drawing.get_supxlabel()


def test_vector_fit_draws_points_on_the_identity_line_and_says_errors():
    drawing = vector_fit(VECTORS, VECTORS + OFFSETS, ["slope", "intercept"], {"constant predictor": 0.29}, "t")
    for output, axes in enumerate(drawing.axes):
        truth = VECTORS[..., output]
        np.testing.assert_array_equal(labelled(axes, "truth"), [[truth.min(), truth.max()]])
        np.testing.assert_allclose(labelled(axes, "prediction"), [(truth + OFFSETS[..., 0]).ravel()])
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("intercept, true", "intercept, predicted")
    assert "0.25 (median of 2 of 3 seeds; 1 diverged), 0.29 (constant predictor)" in drawing.get_supxlabel()


def test_vector_fit_without_finite_members_says_so():
    drawing = vector_fit(VECTORS, VECTORS * np.nan, ["slope", "intercept"], {}, "t")
    drawing.draw_without_rendering()
    assert "no finite member" in drawing.get_supxlabel()
