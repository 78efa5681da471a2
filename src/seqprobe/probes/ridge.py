"""Ridge regressions of many states at once: how linear probes read numbers and concepts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

ALPHA = 1e-3
"""The weight of the squared coefficients: little, against states of constant units, which have no least squares."""


class RidgeMap(NamedTuple):
    """A linear map of states to targets.

    Attributes:
        coefficients: ``(..., units, targets)``.
        offsets: ``(..., targets)``.
    """

    coefficients: np.ndarray
    offsets: np.ndarray

    def predict(self, states: np.ndarray) -> np.ndarray:
        """What is read from ``states (..., n, units)``: ``(..., n, targets)``."""
        return np.asarray(states @ self.coefficients + self.offsets[..., None, :])


def fit_ridge(states: np.ndarray, targets: np.ndarray, alpha: float = ALPHA) -> RidgeMap:
    """Fit states to targets by the normal equations of centred data (Hoerl and Kennard, 1970); offsets are free.

    Args:
        states: ``(..., n, units)``; each leading index is a regression of its own.
        targets: ``(..., n, targets)``.
    """
    centre, level = states.mean(-2, keepdims=True), targets.mean(-2, keepdims=True)
    centred = states - centre
    products = centred.swapaxes(-1, -2) @ centred + alpha * np.eye(states.shape[-1])
    coefficients = np.linalg.solve(products, centred.swapaxes(-1, -2) @ (targets - level))
    return RidgeMap(coefficients, (level - centre @ coefficients)[..., 0, :])
