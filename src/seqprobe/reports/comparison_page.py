"""The page of a comparison."""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from seqprobe.learned import DIVERGED, OUTCOMES
from seqprobe.reports.comparison import BEST, Comparison, Pair, ScoreSummary, Variant
from seqprobe.reports.comparison_figures import Picture
from seqprobe.reports.headlines import Headline, headlines, undecided_headline
from seqprobe.reports.margins import OF_SHARES, margin_of
from seqprobe.reports.needed_seeds import needed_seeds
from seqprobe.reports.number_format import interval_text, number_text
from seqprobe.reports.page import render_page, slug, unique_slugs
from seqprobe.reports.skill import PLACES
from seqprobe.reports.skill_matrix import matrix_row
from seqprobe.reports.table_formats import INTERVALS
from seqprobe.reports.wording import (
    BEST_WORDS,
    OUTCOME_WORDS,
    PAGE_MARKS,
    count_text,
    counts_text,
    difference_text,
    ratio,
    score_label,
    sentences,
)
from seqprobe.scoring import Score, level_label

Link = Callable[[str, str], str]
"""The address of a run in the MLflow UI, from the ids of its experiment and of itself."""


@dataclass(frozen=True)
class Header:
    """The head and the foot of a page.

    Attributes:
        lines: what is compared, in words.
        commands: that made the page, and that open what it links to.
    """

    lines: Sequence[str]
    commands: Sequence[str]


def comparison_page(
    compared: Sequence[Comparison], drawn: Mapping[str, Sequence[Picture]], header: Header, link: Link
) -> str:
    """The page as HTML; ``drawn`` are each task's sheets with their SVG."""
    ids = unique_slugs([comparison.task for comparison in compared])
    models = sorted({variant.model for comparison in compared for variant in comparison.variants})
    return render_page(
        "comparison_page.html.j2",
        about=header,
        explanations=[f"{INTERVALS} {BEST_WORDS}", OUTCOME_WORDS, counts_text(compared)],
        headlines=[linked_text(line, ids) for line in headlines(compared)] or [undecided_headline(compared)],
        models=models,
        places=list(PLACES),
        matrix=[
            {
                "task": comparison.task,
                "id": ids[comparison.task],
                "columns": matrix_row(comparison, models),
            }
            for comparison in compared
        ],
        tasks=[
            task_section(comparison, ids[comparison.task], drawn.get(comparison.task, []), link)
            for comparison in compared
        ],
    )


def linked_text(line: Headline, ids: Mapping[str, str]) -> Markup:
    """A headline whose tasks are links to their sections."""
    names = "|".join(re.escape(task) for task in sorted(line.tasks, key=len, reverse=True))
    parts = re.split(f"({names})", line.text)
    link = Markup('<a href="#{}">{}</a>')
    return Markup("").join(link.format(ids[part], part) if part in line.tasks else part for part in parts)


def task_section(comparison: Comparison, address: str, drawn: Sequence[Picture], link: Link) -> Mapping[str, object]:
    """What the template shows of a task."""
    return {
        "id": address,
        "name": comparison.task,
        "sentences": sentences(comparison),
        "rows": [model_row(comparison, variant, link) for variant in comparison.variants],
        "levels": [level_row(comparison, role) for role in comparison.roles],
        "scores": [
            {"name": score_label(metric, score), "better": direction_text(score)}
            for metric, score in comparison.scores.items()
        ],
        "differences": [pair_entry(pair) for pair in comparison.pairs],
        "links": {variant.name: link(variant.experiment_id, variant.parent_id) for variant in comparison.variants},
        "sheets": [
            {
                "id": f"{address}-{slug(sheet.name)}",
                "name": sheet.name.replace("_", " "),
                "caption": sheet.caption,
                "packed": packed_svg(sheet.svg),
            }
            for sheet in drawn
        ],
    }


def direction_text(score: Score) -> str:
    """Which direction is better."""
    return f"{score.better} is better" if score.better else "descriptive, not ranked"


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


def packed_svg(content: str) -> str:
    """An SVG compressed by gzip, in base64: a tenth of its length. The page's script unpacks it."""
    return base64.b64encode(gzip.compress(content.encode(), mtime=0)).decode()
