"""Claims of the posts, each a range for a number that is measured of every seed; conf/claim/ lists them."""

from seqprobe.reports.claims.claim import Claim, FigureSource, Verdict, judge
from seqprobe.reports.claims.claim_measures import Measure
from seqprobe.reports.claims.recorded_run import RecordedRun, RunMetric, Runs

__all__ = ["Claim", "FigureSource", "Measure", "RecordedRun", "RunMetric", "Runs", "Verdict", "judge"]
