"""The measures that claims name, with their arguments; a user's own is a class that extends `Measure`."""

from __future__ import annotations

from collections.abc import Mapping

from seqprobe.reports.claims.claim_measure import Measure
from seqprobe.reports.claims.metric_measures import (
    FinalValue,
    HasDiverged,
    LargestDistance,
    LargestOverLeast,
    LeastStep,
    LeastValue,
    RecordedParameter,
)
from seqprobe.reports.claims.paired_measures import MedianRatio, PairedDifference, PairedRatio, Speedup

MEASURES: Mapping[str, type[Measure]] = {
    "final": FinalValue,
    "distance": LargestDistance,
    "least": LeastValue,
    "spread": LargestOverLeast,
    "least_step": LeastStep,
    "ratio": PairedRatio,
    "median_ratio": MedianRatio,
    "difference": PairedDifference,
    "speedup": Speedup,
    "parameter": RecordedParameter,
    "diverged": HasDiverged,
}
"""Our measures by the names that claims use."""
