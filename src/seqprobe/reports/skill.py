"""Where a model generalises: the share of the gap between constant and best possible predictor that it closes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seqprobe.learned import closed_shares
from seqprobe.reports.comparison import Comparison, Variant
from seqprobe.reports.probed_values import BAND_WORDS
from seqprobe.scoring import MetricName

PLACES = {"learned": ""} | {words: band for band, words in BAND_WORDS.items()}
"""Where skill is measured, and the band of the probes there: on the validation set, inside the range of training,
beyond it by at most its width, and further away."""
BASELINES = ("constant", "chance")
"""Roles of the level that counts as no skill: the first one that a score has."""


@dataclass(frozen=True)
class Skill:
    """A model's skill in one place.

    Attributes:
        place: one of `PLACES`.
        share: of the gap in the score that the median over seeds closes, mean over probes, each limited to [-1, 1];
            0 is the constant predictor's, 1 the best possible. A probe without an answer counts as 0, so that a
            network which refuses long sequences gains nothing by it. None: nothing to measure it by.
        probes: whose mean it is; none on the validation set.
        is_ranked: False for the probes of a network that did not learn the task.
    """

    place: str
    share: float | None
    probes: tuple[str, ...] = ()
    is_ranked: bool = True

    @property
    def text(self) -> str:
        """``just beyond: 43 %``, ``far: worse than a constant``."""
        if self.share is None:
            return f"{self.place}: not measured"
        if not self.is_ranked:
            return f"{self.place}: not ranked, the network did not learn the task"
        return f"{self.place}: {'worse than a constant' if self.share < 0 else f'{100 * self.share:.0f} %'}"


def model_skills(comparison: Comparison, variant: Variant) -> list[Skill]:
    """A model's skill in every place, in the order of `PLACES`."""
    names = {metric: MetricName.parse(metric) for metric in comparison.scores}
    skills = []
    for place, band in PLACES.items():
        group = "probe" if band else "val"
        metrics = [metric for metric, name in names.items() if (name.group, name.band or "") == (group, band)]
        shares = {metric: closed_share(comparison, variant, metric) for metric in metrics}
        known = {metric: float(np.clip(share, -1, 1)) for metric, share in shares.items() if share is not None}
        probes = tuple(dict.fromkeys(names[metric].probe for metric in known if band))
        share = float(np.mean(list(known.values()))) if known else None
        skills.append(Skill(place, share, probes, not band or variant.has_learned))
    return skills


def closed_share(comparison: Comparison, variant: Variant, metric: str) -> float | None:
    """The share of the gap that a model's median by one score closes; None without a measurement, a level or a gap."""
    levels, score = comparison.levels.get(metric, {}), comparison.scores[metric]
    summary = comparison.summaries[variant.name, metric]
    baseline = next((levels[role] for role in BASELINES if role in levels), None)
    if not summary.is_measured or baseline is None or score.better is None:
        return None
    if summary.interval is None:
        return 0.0
    floor = None if "floor" not in levels else np.array([levels["floor"]])
    (share,) = closed_shares(score, np.array([summary.interval.median]), np.array([baseline]), floor)
    return None if np.isnan(share) else float(share)
