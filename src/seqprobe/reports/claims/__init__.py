"""Claims of the posts, each a range for a number that is measured of every seed; conf/claim/ lists them."""

from seqprobe.reports.claims.claim import Claim, FigureSource, Part
from seqprobe.reports.claims.claim_measure import Measure
from seqprobe.reports.claims.recorded_run import RecordedRun, RunMetric, Runs
from seqprobe.reports.claims.verdict import PartVerdict, Verdict, judge

__all__ = [
    "Claim",
    "FigureSource",
    "Measure",
    "Part",
    "PartVerdict",
    "RecordedRun",
    "RunMetric",
    "Runs",
    "Verdict",
    "judge",
]
