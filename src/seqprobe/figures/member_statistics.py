"""Statistics over a population's members, in which members that diverged (NaN or infinite) never count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]


LARGEST = 1e100
"""Matplotlib's own arithmetic overflows with numbers that are much larger."""


def drawable(values: Array) -> Array:
    """``values`` with NaN wherever they are not finite, or too large for an axis."""
    # Comparisons with NaN are false, and np.abs(-inf) is inf.
    return np.where(np.abs(values) < LARGEST, values, np.nan).astype(float)


def drawable_numbers(values: Array) -> Array:
    """Those numbers among ``values`` that can be drawn, in one row."""
    shown = drawable(values)
    return np.asarray(shown[np.isfinite(shown)])


def finite_members(values: Array) -> Array:
    """Drop the members without any finite value, ``(seeds, ...)``; other values that cannot be drawn become NaN."""
    return drawable(values)[np.isfinite(values).any(axis=tuple(range(1, values.ndim)))]


def median(values: Array) -> Array:
    """Median over the members that are finite there, ``(seeds, ...)`` to ``(...)``; NaN where none is."""
    return _over_members(np.nanmedian, values)


def extremes(values: Array) -> tuple[Array, Array]:
    """Minimum and maximum over the members that are finite there, ``(seeds, ...)`` to ``(...)`` each."""
    return _over_members(np.nanmin, values), _over_members(np.nanmax, values)


def members_note(total: int, finite: int) -> str:
    """Which seeds are drawn, in words."""
    if finite == 0:
        return f"no finite member ({total} of {total} seeds diverged)"
    if finite < total:
        return f"{finite} of {total} seeds; {total - finite} diverged"
    return "1 seed" if total == 1 else f"{total} seeds"


def median_note(total: int, finite: int) -> str:
    """What a median is taken over, in words."""
    return f"median of {members_note(total, finite)}" if finite > 1 else members_note(total, finite)


def reading(total: int, finite: int, dotted: str = "prediction") -> str:
    """How to read a figure of truth, median and band, in words."""
    if finite == 0:
        return f"solid: truth · {members_note(total, finite)}"
    seeds = "all seeds" if finite == total else "all finite seeds"
    band = f" · band: {seeds}" if finite > 1 else ""
    return f"solid: truth · dotted: {dotted}, {median_note(total, finite)}{band}"


def points_note(total: int, finite: int) -> str:
    """How to read a figure of a point per seed and a bar for the median, in words."""
    if finite < 2:
        return members_note(total, finite)
    return f"bar: {median_note(total, finite)} · points: seeds"


def lines_note(total: int, finite: int) -> str:
    """How to read a panel of thin lines with a thick median, in words."""
    return f"thick: {median_note(total, finite)} · thin: each seed" if finite > 1 else members_note(total, finite)


def _over_members(reduce: Callable[..., Any], values: Array) -> Array:
    """Apply a NaN-skipping reduction only where there is something to reduce, because it warns elsewhere."""
    shown = drawable(values)
    seen = np.isfinite(shown).any(0)
    result = np.full(values.shape[1:], np.nan)
    if seen.any():
        result[seen] = reduce(shown[:, seen], axis=0)
    return result
