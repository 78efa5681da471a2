import numpy as np
import pytest

from seqprobe.figures.member_statistics import extremes, finite_members, lines_note, median, members_note, reading

NAN = np.nan


def test_members_without_a_finite_value_are_dropped_and_infinities_become_nan():
    values = np.array([[1.0, 2.0], [NAN, NAN], [np.inf, 4.0], [np.inf, -np.inf]])
    np.testing.assert_array_equal(finite_members(values), [[1.0, 2.0], [NAN, 4.0]])


@pytest.mark.parametrize(
    ("values", "middle", "low", "high"),
    [
        ([[1.0, 5.0], [2.0, 6.0], [9.0, 1.0]], [2.0, 5.0], [1.0, 1.0], [9.0, 6.0]),
        ([[1.0, NAN], [3.0, NAN]], [2.0, NAN], [1.0, NAN], [3.0, NAN]),
        ([[np.inf, 4.0], [3.0, NAN]], [3.0, 4.0], [3.0, 4.0], [3.0, 4.0]),
        (np.empty((0, 2)), [NAN, NAN], [NAN, NAN], [NAN, NAN]),
    ],
)
def test_statistics_skip_what_is_not_finite(values, middle, low, high):
    values = np.asarray(values)
    np.testing.assert_array_equal(median(values), middle)
    np.testing.assert_array_equal(extremes(values), (low, high))


@pytest.mark.parametrize(
    ("total", "finite", "said", "read", "lines"),
    [
        (1, 1, "1 seed", "solid: truth · dotted: prediction, 1 seed", "1 seed"),
        (
            5,
            5,
            "5 seeds",
            "solid: truth · dotted: prediction, median of 5 seeds · band: all seeds",
            "thick: median of 5 seeds · thin: each seed",
        ),
        (
            5,
            4,
            "4 of 5 seeds; 1 diverged",
            "solid: truth · dotted: prediction, median of 4 of 5 seeds; 1 diverged · band: all finite seeds",
            "thick: median of 4 of 5 seeds; 1 diverged · thin: each seed",
        ),
        (
            2,
            0,
            "no finite member (2 of 2 seeds diverged)",
            "solid: truth · no finite member (2 of 2 seeds diverged)",
            "no finite member (2 of 2 seeds diverged)",
        ),
    ],
)
def test_notes_count_seeds(total, finite, said, read, lines):
    assert members_note(total, finite) == said
    assert reading(total, finite) == read
    assert lines_note(total, finite) == lines
