"""How well constant answers and perfect ones do on the members' own data."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Levels(NamedTuple):
    """A reference level on every member's own data, ``(seeds,)`` each."""

    score: np.ndarray
    loss: np.ndarray
