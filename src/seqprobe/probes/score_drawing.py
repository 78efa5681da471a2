"""The figure of a probe that has none of its own: every score against the probed values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from seqprobe import figures
from seqprobe.probes.bands import Trained
from seqprobe.probes.probe_result import ProbeResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DECADES = 30.0
"""From here on, greatest through least value, their axis is logarithmic."""


def draw_scores(result: ProbeResult, names: Mapping[str, str], title: str, trained: Trained = None) -> Figure:
    """Numbers are on an axis, with the training range shaded; other values are categories, those of training shaded.

    Args:
        names: by measure, what its axis is called.
        trained: the training range, where it is known better than from the values.
    """
    scores = {names[measure]: values for measure, values in result.scores.items()}
    levels = {names[measure]: result.labelled_levels(measure) for measure in result.levels if measure in names}
    positions = numeric_values(result)
    if positions is None:
        count = next((values.shape[1] for values in scores.values()), 0)
        labels = list(result.labels) or [str(place + 1) for place in range(count)]
        inside = [band == "inside" for band in result.bands]
        return figures.scores_by_label(labels, scores, levels, title, result.varied, inside)
    log = ("x",) if positions.max() > DECADES * positions.min() > 0 else ()
    varied = result.varied or "probed value"
    return figures.scores_by_position(
        positions, varied, scores, levels, trained or range_of_training(result, positions), title, log
    )


def numeric_values(result: ProbeResult) -> np.ndarray | None:
    """The probed values as numbers, ``(values,)``; None for a single one, and where some are words."""
    try:
        positions = np.array([float(label) for label in result.labels if "_" not in label])
    except ValueError:
        return None
    is_complete = len(positions) == len(result.labels) > 1
    return positions if is_complete and bool(np.isfinite(positions).all()) else None


def range_of_training(result: ProbeResult, positions: np.ndarray) -> Trained:
    """The training range as far as the probed values show it; None if none is known.

    A value outside shows where the end of the range is: it states its distance from there.
    """
    if result.distances is None:
        return None
    ends = positions - result.distances
    return float(ends.min()), float(ends.max())
