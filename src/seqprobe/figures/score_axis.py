"""The ends of an axis of scores: a reader should see a difference as large as it is, in every figure."""

from __future__ import annotations

import numpy as np

from seqprobe.figures.member_statistics import Array, drawable_numbers

MARGIN = 0.05
"""Of an axis, beyond the outermost score."""


def score_limits(values: Array, scale: str = "linear") -> tuple[float, float]:
    """Where an axis begins and ends that shows the scores ``values`` (those that can be drawn).

    A linear axis has zero on it. If all scores are shares and the greatest is above one half, as accuracies are, it has
    their whole range, 0 … 1. A logarithmic axis has at least a decade. Fitted to the scores alone, an axis from .8325
    to .8525 would make a hundredth look like a collapse.
    """
    finite = drawable_numbers(values)
    if scale == "log":
        return _log_limits(finite[finite > 0])
    low, high = float(finite.min(initial=0.0)), float(finite.max(initial=0.0))
    if low == 0 and 0.5 < high <= 1:
        high = 1.0
    margin = MARGIN * ((high - low) or 1.0)
    return (low - margin if low else 0.0), high + margin


def _log_limits(positive: Array) -> tuple[float, float]:
    """At least a decade, with the scores in its middle."""
    if not len(positive):
        return 0.1, 1.0
    low, high = np.log10([positive.min(), positive.max()]).tolist()
    middle, reach = (low + high) / 2, max((high - low) * (0.5 + MARGIN), 0.5)
    return float(10 ** (middle - reach)), float(10 ** (middle + reach))
