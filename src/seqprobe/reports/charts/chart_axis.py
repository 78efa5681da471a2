"""An axis of a chart: where values are on it, and its ticks."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10

import numpy as np

from seqprobe.figures.member_statistics import Array

LINEAR, LOG, SYMLOG = "linear", "log", "symlog"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LEAST, DECADES = 3, 6
"""Ticks on an axis at least; powers of ten at most."""


@dataclass(frozen=True)
class Axis:
    """An axis from ``low`` to ``high``.

    Attributes:
        kind: ``linear``, ``log``, or ``symlog``, which is linear up to ``threshold`` and logarithmic beyond it.
    """

    low: float
    high: float
    kind: str = LINEAR
    threshold: float = 1.0

    def fractions(self, values: Array) -> Array:
        """Where values are on the axis, 0 at its low end and 1 at its high end; NaN where a value cannot be on it."""
        low, high = self._warped(np.array([self.low, self.high], float))
        return np.asarray((self._warped(np.asarray(values, float)) - low) / ((high - low) or 1.0))

    def ticks(self) -> list[float]:
        """Round values on the axis."""
        if self.kind == LINEAR:
            return linear_ticks(self.low, self.high)
        first = self.low if self.kind == LOG else max(self.low, self.threshold)
        zero = [0.0] if self.kind == SYMLOG and self.low <= 0 else []
        return zero + log_ticks(first, self.high)

    def _warped(self, values: Array) -> Array:
        if self.kind == LINEAR:
            return values
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.kind == LOG:
                return np.asarray(np.where(values > 0, np.log10(values), np.nan))
            ratio = np.abs(values) / self.threshold
            return np.asarray(np.sign(values) * np.where(ratio <= 1, ratio, 1 + np.log10(np.maximum(ratio, 1))))


def linear_ticks(low: float, high: float) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten, three at least."""
    power = 10.0 ** floor(log10(high - low or 1.0))
    ticks: list[float] = []
    for step in (power, power / 2, power / 5, power / 10, power / 20):
        ticks = [index * step for index in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]
        if len(ticks) >= LEAST or low == high:
            break
    return ticks


def log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten; with their multiples by two and five, if there are few."""
    decades = range(floor(log10(low)), ceil(log10(high)) + 1)
    stride = max(1, -(-len(decades) // DECADES))
    factors = (1, 2, 5) if high < 100 * low else (1,)
    ticks = (factor * 10.0**decade for decade in decades if decade % stride == 0 for factor in factors)
    return [tick for tick in ticks if low * 0.999 <= tick <= high * 1.001]


def tick_text(value: float) -> str:
    """A tick's label: ``0.5``, ``−2``, ``10⁻⁵``."""
    mantissa, _, exponent = f"{value:.4g}".partition("e")
    if not exponent:
        return mantissa.replace("-", "−")
    power = f"10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    return power if mantissa == "1" else f"{mantissa.replace('-', '−')}·{power}"
