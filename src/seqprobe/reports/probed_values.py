"""What a probe varied: its values, what they are of, and where training was, from its table of scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

BAND_WORDS = {"inside": "inside", "beyond": "just beyond", "far": "far"}
"""What reports call the bands, from the training range outwards."""


@dataclass(frozen=True)
class ProbedValues:
    """The values of a probe.

    Attributes:
        varied: what they are of; empty if unknown.
        bands: where each value is beside the training range, by its text; empty if unknown.
    """

    varied: str
    bands: Mapping[str, str]

    @classmethod
    def of(cls, tables: Iterable[pd.DataFrame]) -> ProbedValues:
        """The values in tables of scores; what earlier versions did not state is unknown."""
        bands: dict[str, str] = {}
        varied = ""
        for table in tables:
            if "varied" in table and table["varied"].notna().any():
                varied = varied or str(table["varied"].dropna().iloc[0])
            if "band" in table:
                rows = table.drop_duplicates("value").dropna(subset=["band"])
                bands |= dict(zip(rows["value"].astype(str), rows["band"].astype(str), strict=True))
        return cls(varied, bands)

    def title(self, value: str) -> str:
        """A value in words: ``amplitude 0.4 · just beyond``."""
        name = self.varied.partition(" (")[0] if is_number(value) else ""
        band = BAND_WORDS.get(self.bands.get(value, ""), "")
        return " · ".join(filter(None, [f"{name} {value.replace('_', ', ')}".strip(), band]))

    def trained(self, values: Sequence[str], positions: np.ndarray) -> tuple[float, float] | None:
        """The range of those positions whose values are inside the training range; None if none is known to be."""
        inside = [position for value, position in zip(values, positions, strict=True) if self.is_inside(value)]
        return (float(min(inside)), float(max(inside))) if inside else None

    def is_inside(self, value: str) -> bool:
        """Whether a value is inside the training range."""
        return self.bands.get(value) == "inside"


def is_number(text: str) -> bool:
    """Whether a value is a number, so that values have an order."""
    try:
        return "_" not in text and bool(np.isfinite(float(text)))  # 1_2 names two values, and Python takes it for 12
    except ValueError:
        return False
