"""Where probed values are, seen from the training range, to the value."""

from __future__ import annotations

import numpy as np
import pytest

from seqprobe.probes.bands import bands_of, farther_bands, signed_distances, variation

LETTERS = {"i": "inside", "b": "beyond", "f": "far"}


@pytest.mark.parametrize(
    ("values", "trained", "distances"),
    [
        ([-0.4, 0, 0.3, 0.9, 1.0], (0.0, 0.9), [-0.4, 0, 0, 0, 0.1]),
        ([10, 20, 30], (20.0, 20.0), [-10, 0, 10]),
        ([0.1 + 0.2], (0.3, 0.3), [0]),
    ],
)
def test_distances_have_a_sign(values: list[float], trained: tuple[float, float], distances: list[float]) -> None:
    np.testing.assert_allclose(signed_distances(values, trained), distances, atol=1e-15)


@pytest.mark.parametrize(
    ("values", "trained", "reach", "letters"),
    [
        ([0, 0.49, 0.5, 0.98, 0.981], (0.0, 0.49), None, "iibbf"),
        ([0.1, 0.2, 0.3, -0.1, -0.11], (0.1, 0.3), None, "iiibf"),
        ([5, 9, 10, 15, 20, 30, 31, 100], (20.0, 20.0), None, "ffbbibff"),
        ([0.15, 0.3, 0.45, 0.46], (0.3, 0.3), None, "bibf"),
        ([-0.3, -0.45, -0.46], (-0.3, -0.3), None, "ibf"),
        ([0, 1e-6], (0.0, 0.0), None, "if"),
        ([0, 1, 2, 3], (0.0, 0.0), 2.0, "ibbf"),
        ([0.5, 1.5, 3], (0.0, 1.0), 0.5, "ibf"),
    ],
)
def test_a_band_ends_where_it_is_said_to(
    values: list[float], trained: tuple[float, float], reach: float | None, letters: str
) -> None:
    bands = bands_of(signed_distances(values, trained), trained, reach)
    assert bands == [LETTERS[letter] for letter in letters]
    assert variation("a", values, trained, reach)["bands"] == bands


def test_without_a_range_there_are_no_bands() -> None:
    assert variation("a", [1, 2], None) == {"varied": "a", "distances": None, "bands": ()}


def test_the_farther_value_decides_the_band_of_a_pair() -> None:
    assert farther_bands(["inside", "inside", "far"], ["inside", "beyond", "beyond"]) == ["inside", "beyond", "far"]
