"""Every claim of the posts, each a predicate on recorded metrics."""

from seqprobe.reports.claims.claim import Claim, Verdict, judge
from seqprobe.reports.claims.post0 import POST0
from seqprobe.reports.claims.post1 import POST1
from seqprobe.reports.claims.post2 import POST2

CLAIMS: tuple[Claim, ...] = (*POST0, *POST1, *POST2)

__all__ = ["CLAIMS", "Claim", "Verdict", "judge"]
