"""The rows of a page's tables: what its template shows of a model, a score, and a pair of models."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from seqprobe.learned import DIVERGED, OUTCOMES
from seqprobe.reports.comparison import BEST, Comparison, Pair, ScoreSummary, Variant
from seqprobe.reports.margins import OF_SHARES, margin_of
from seqprobe.reports.needed_seeds import needed_seeds
from seqprobe.reports.number_format import interval_text, number_text
from seqprobe.reports.wording import PAGE_MARKS, count_text, difference_text, ratio, score_label
from seqprobe.scoring import level_label

Link = Callable[[str, str], str]
"""The address of a run in the MLflow UI, from the ids of its experiment and of itself."""


def model_row(comparison: Comparison, variant: Variant, link: Link) -> Mapping[str, object]:
    """What the template shows of a model."""
    return {
        "name": variant.name,
        "model": variant.model,
        "seeds_text": variant.seeds_text,
        "solved": variant.solved_text,
        "solved_share": sum(variant.solved.values()) / len(variant.solved) if variant.solved else "",
        "seeds": len(variant.states),
        "href": link(variant.experiment_id, variant.parent_id),
        "members": [
            {"seed": seed, "state": variant.states[seed], "href": link(variant.experiment_id, run)}
            for seed, run in variant.runs.items()
        ],
        "numbers": [score_entry(comparison, variant, metric) for metric in comparison.scores],
    }


def level_row(comparison: Comparison, role: str) -> Mapping[str, object]:
    """What the template shows of the reference levels with a role."""
    levels = [comparison.levels.get(metric, {}).get(role) for metric in comparison.scores]
    return {"name": level_label(role), "numbers": ["" if level is None else number_text(level) for level in levels]}


def score_entry(comparison: Comparison, variant: Variant, metric: str) -> Mapping[str, object]:
    """What the template shows of one number; a model without any has the reason in its place."""
    summary = comparison.summaries[variant.name, metric]
    text, _, interval = interval_text(summary.interval).partition(" ")
    missing = len(variant.states) - len(summary.values)
    return {
        "text": text or missing_text(variant, summary),
        "interval": interval,
        "mark": PAGE_MARKS[summary.mark],
        "is_best": summary.mark == BEST,
        "sort": summary.interval.median if summary.interval else "",
        "counted": f"{len(summary.values)} of {len(variant.states)}" if text and missing else "",
    }


def missing_text(variant: Variant, summary: ScoreSummary) -> str:
    """Why a model has no number."""
    if not variant.count(*OUTCOMES):
        return "not finished"
    return "not measured" if not summary.is_measured else "no answer" if variant.finite else DIVERGED


def pair_entry(pair: Pair) -> Mapping[str, object]:
    """What the template shows of two models."""
    needed, margin = needed_seeds(pair), OF_SHARES if pair.shares else margin_of(pair.score)
    for_margin = "" if needed.margin is None or margin is None else f"{count_text(needed.margin)} ({margin.name})"
    return {
        "score": score_label(pair.metric, pair.score),
        "first": pair.first,
        "second": pair.second,
        "size": difference_text(pair),
        "sort": "" if pair.evidence is None else ratio(pair.size) if pair.score.log and not pair.shares else pair.size,
        "seeds": pair.common,
        "word": pair.word,
        "for_observed": ("" if needed.observed is None else count_text(needed.observed), needed.observed or ""),
        "for_margin": (for_margin, needed.margin or ""),
    }
