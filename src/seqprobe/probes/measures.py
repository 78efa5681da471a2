"""Measures of an output curve beside the input curve.

Every measure takes ``x (points,)``, the true curves ``(values, points)`` and the outputs ``(seeds, values, points)``,
and returns ``(seeds, values)``. Positions are in units of x, lags in samples.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from seqprobe.scoring import Score

Measure = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]

START_UP = 0.1
"""Outputs up to this x still leave the zero state; measures of a curve's shape ignore them."""
LATE = 0.5
LARGEST_LAG = 5
VALLEY_WINDOW, VALLEY_REACH = 10, 20
FREQUENCIES = np.arange(5.0, 80.0, 0.1)


def rmse(x: np.ndarray, truth: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Root mean squared error over the whole curve."""
    return np.sqrt(((outputs - truth) ** 2).mean(-1))


def rmse_settled(x: np.ndarray, truth: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Root mean squared error after the start-up stretch."""
    after = x > START_UP
    return rmse(x[after], truth[..., after], outputs[..., after])


def rmse_best_lag(x: np.ndarray, truth: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """`rmse_settled` with the output moved back by the lag of 0 … 5 samples that makes it least."""
    points = truth.shape[-1]
    after = slice(int((x <= START_UP).sum()), None)
    lagged = [
        rmse(x, truth[..., : points - lag][..., after], outputs[..., lag:][..., after])
        for lag in range(LARGEST_LAG + 1)
    ]
    return np.min(lagged, axis=0)


def correlation_best_lag(x: np.ndarray, truth: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Pearson's correlation with the input after x = 0.2, with the output moved back by the best lag of 0 … 5 samples.

    It is 1 for an output of the right shape, whatever its size and its mean. NaN for constant curves.
    """
    after, points = int((x <= 2 * START_UP).sum()), truth.shape[-1]
    lagged = []
    for lag in range(LARGEST_LAG + 1):
        inputs, moved = truth[..., after : points - lag], outputs[..., after + lag :]
        inputs, moved = inputs - inputs.mean(-1, keepdims=True), moved - moved.mean(-1, keepdims=True)
        scale = np.sqrt((inputs**2).sum(-1) * (moved**2).sum(-1))
        lagged.append((inputs * moved).sum(-1) / np.where(scale > 0, scale, np.nan))
    return np.max(lagged, axis=0)


def peak(x: np.ndarray, truth: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """The output's maximum after the start-up stretch."""
    return outputs[..., x > START_UP].max(-1)


def valley(x: np.ndarray, truth: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """The output's minimum after the start-up stretch."""
    return outputs[..., x > START_UP].min(-1)


def valley_lag(x: np.ndarray, truth: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """How many samples after the input's deepest valley the output's comes, within 10 samples of it."""
    start = int((x <= START_UP).sum())
    lags = np.arange(-VALLEY_WINDOW, VALLEY_WINDOW + 1)
    positions = start + truth[..., start:].argmin(-1)[:, None] + lags
    inside = (positions >= start) & (positions < len(x))
    around = np.take_along_axis(
        outputs, np.broadcast_to(positions.clip(0, len(x) - 1), (len(outputs), *positions.shape)), -1
    )
    lag = lags[np.where(inside, around, np.inf).argmin(-1)].astype(float)
    return np.where(np.isfinite(outputs).all(-1), lag, np.nan)


def valley_delay(x: np.ndarray, truth: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """How many samples after the input's first valley the output's comes, at most 20 before or after it.

    Unlike `valley_lag`, it also finds a valley that stays where it was while the input's moves by up to 20 samples.
    """
    start = int((x <= START_UP).sum())
    falling = np.diff(truth[..., start:]) < 0
    ends = falling[..., :-1] & ~falling[..., 1:]  # the first sample from which a fall does not go on
    first = start + np.where(ends.any(-1), ends.argmax(-1) + 1, truth[..., start:].argmin(-1))
    near = (np.abs(np.arange(len(x)) - first[:, None]) <= VALLEY_REACH) & (np.arange(len(x)) >= start)
    delay = np.where(near, outputs, np.inf).argmin(-1) - first
    return np.where(np.isfinite(outputs).all(-1), delay.astype(float), np.nan)


def amplitude_ratio(x: np.ndarray, truth: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Peak-to-valley height of the output over that of the input, after x = 0.2; NaN for a constant input."""
    after = x > 2 * START_UP
    height = np.ptp(truth[..., after], -1)
    return np.ptp(outputs[..., after], -1) / np.where(height > 0, height, np.nan)


def frequency(x: np.ndarray, truth: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Dominant angular frequency after x = 0.2: the sinusoid with offset that leaves the least squared residual."""
    after = x > 2 * START_UP
    curves = outputs[..., after]
    squares = (curves**2).sum(-1)
    residuals = [squares - ((curves @ basis) ** 2).sum(-1) for basis in _sinusoids(x[after].astype(float).tobytes())]
    best = FREQUENCIES[np.argmin(residuals, axis=0)]
    return np.where(np.isfinite(curves).all(-1), best, np.nan)


@functools.lru_cache(maxsize=4)
def _sinusoids(positions: bytes) -> list[np.ndarray]:
    """For each frequency an orthonormal basis of its sinusoids with offset, at positions that are float64."""
    x = np.frombuffer(positions)
    sinusoids = (np.stack([np.ones_like(x), np.sin(w * x), np.cos(w * x)], 1) for w in FREQUENCIES)
    return [np.linalg.qr(basis)[0] for basis in sinusoids]


def late_slope(x: np.ndarray, truth: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Slope of the least-squares line through the output's second half, x > 0.5."""
    late = x > LATE
    centred = x[late] - x[late].mean()
    return (outputs[..., late] @ centred) / (centred @ centred)


def early_drop(x: np.ndarray, truth: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """The deepest fall of the output below an earlier value, up to x = 0.5."""
    early = outputs[..., x <= LATE]
    return (np.maximum.accumulate(early, -1) - early).max(-1)


MEASURES: dict[str, Measure] = {
    measure.__name__: measure
    for measure in (
        rmse,
        rmse_settled,
        rmse_best_lag,
        correlation_best_lag,
        peak,
        valley,
        valley_lag,
        valley_delay,
        amplitude_ratio,
        frequency,
        late_slope,
        early_drop,
    )
}
"""Measures by the name that a probe's ``measures`` lists."""
SCORES = (Score("rmse_best_lag", "lower", log=True),)
"""Measures whose names do not tell their direction; `rmse` and `rmse_settled` are known, others are descriptive."""
