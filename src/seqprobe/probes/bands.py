"""How far probed values are from the training range, and the bands in which their scores are averaged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from seqprobe.scoring import BANDS, Band

Trained = tuple[float, float] | None
"""The least and the greatest value that training covered, equal if there was only one; None if it is not known."""
TOLERANCE = 1e-9
"""Share of a range by which rounding may move its ends."""


class Variation(TypedDict):
    """What a probe varies; arguments of a `ProbeResult` of the same names."""

    varied: str
    distances: np.ndarray | None
    bands: Sequence[Band]


def variation(varied: str, values: Sequence[float], trained: Trained, reach: float | None = None) -> Variation:
    """The distances and the bands of ``values`` of the quantity ``varied``, as far as the training range is known."""
    if trained is None:
        return Variation(varied=varied, distances=None, bands=())
    distances = signed_distances(values, trained)
    return Variation(varied=varied, distances=distances, bands=bands_of(distances, trained, reach))


def signed_distances(values: Sequence[float], trained: tuple[float, float]) -> np.ndarray:
    """How far each value is above the training range, or below it as a negative number; 0 inside: ``(values,)``."""
    low, high = trained
    array = np.asarray(values, dtype=float)
    distances = np.where(array > high, array - high, np.where(array < low, array - low, 0.0))
    return np.where(np.abs(distances) <= TOLERANCE * max(abs(low), abs(high)), 0.0, distances)


def bands_of(distances: np.ndarray, trained: tuple[float, float], reach: float | None = None) -> list[Band]:
    """The band of each signed distance: beyond the range up to ``reach`` on either side, far from there on.

    Without ``reach``: one width of the range; of a range that is a single value, half that value.
    """
    low, high = trained
    limit = (high - low or abs(low) / 2) if reach is None else reach
    outside = np.abs(distances)
    return [BANDS[int(distance > 0) + int(distance > limit * (1 + TOLERANCE))] for distance in outside]


def farther_bands(first: Sequence[Band], second: Sequence[Band]) -> list[Band]:
    """Of pairs of values, the band of the one that is farther from its training range."""
    return [max(pair, key=BANDS.index) for pair in zip(first, second, strict=True)]
