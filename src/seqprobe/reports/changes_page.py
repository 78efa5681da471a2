"""The page of what became better or worse since an earlier sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seqprobe.reports.changes import UNCHANGED, ModelChange, ScoreChange
from seqprobe.reports.changes_table import COLUMNS, change_row, family_text, score_text, summary_text
from seqprobe.reports.comparison_rows import Link
from seqprobe.reports.number_format import interval_text
from seqprobe.reports.page import render_page
from seqprobe.reports.wording import needed_text, score_label


def changes_page(changes: Sequence[ModelChange], link: Link, lines: Sequence[str], command: str) -> str:
    """The page as HTML.

    Args:
        lines: what is compared with what.
        command: that made the page.
    """
    changed = [change for change in changes if change.state != UNCHANGED]
    return render_page(
        "changes_page.html.j2",
        lines=lines,
        summary=summary_text(changes),
        family=family_text(changes),
        columns=COLUMNS,
        rows=[
            {"texts": change_row(change), "href": address(change, link), "style": change.word.replace(" ", "-")}
            for change in changed
        ],
        scores=[score_row(change, score) for change in changed for score in change.scores],
        unchanged=[f"{change.task} · {change.model}" for change in changes if change.state == UNCHANGED],
        command=command,
    )


def address(change: ModelChange, link: Link) -> str:
    """Where a model's newest run is in the MLflow UI; empty without one."""
    run, experiment = change.newest
    return link(experiment, run) if run else ""


def score_row(change: ModelChange, score: ScoreChange) -> Mapping[str, object]:
    """What the template shows of one score."""
    pair = score.pair
    return {
        "task": change.task,
        "model": change.model,
        "score": score_label(pair.metric, pair.score),
        "before": interval_text(score.before),
        "now": interval_text(score.now),
        "text": score_text(score).removesuffix(pair.word).rstrip(", "),
        "seeds": pair.common,
        "word": pair.word,
        "needed": needed_text(pair),
    }
