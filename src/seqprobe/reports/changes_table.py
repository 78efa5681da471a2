"""What became better or worse since an earlier sweep, as a table for the terminal and as rows of a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from seqprobe.reports.changes import FINITE_SEEDS, NOT_FINISHED, NOT_RUN, UNCHANGED, ModelChange, ScoreChange
from seqprobe.reports.comparison import BETTER, EQUIVALENT, TOO_FEW, UNDECIDED, WORSE
from seqprobe.reports.statistics import LEVEL
from seqprobe.reports.wording import difference_text, score_label

ORDER = (WORSE, NOT_FINISHED, UNDECIDED, NOT_RUN, BETTER, EQUIVALENT, UNCHANGED)
"""Words as summaries list them: what needs a look comes first."""
COLORS = {WORSE: "bold red", NOT_FINISHED: "red", BETTER: "green"}
COLUMNS = ("task", "model", "now", "validation, now against before", "probes that changed", "undecided scores")
MOST_PROBES = 3
"""The most probes of a model that one row names."""


def change_row(change: ModelChange) -> tuple[str, ...]:
    """A model's texts under `COLUMNS`."""
    validation = [score_text(score) for score in change.scores if score.is_of_validation]
    decided = [
        f"{score_label(score.pair.metric, score.pair.score)}: {score_text(score)}"
        for score in change.scores
        if not score.is_of_validation and score.pair.word in (WORSE, BETTER)
    ]
    decided.sort(key=lambda text: not text.endswith(WORSE))
    more = [f"{len(decided) - MOST_PROBES} more"] if len(decided) > MOST_PROBES else []
    open_scores = change.count(UNDECIDED, TOO_FEW)
    counted = f"{open_scores} of {len(change.scores)}" if change.scores else ""
    texts = "; ".join(validation), "; ".join([*decided[:MOST_PROBES], *more])
    return change.task, change.model, change.word, *texts, counted


def score_text(change: ScoreChange) -> str:
    """How far a score is from what it was, with its word: ``1.4 times [1.2, 1.7], worse``."""
    pair, size = change.pair, difference_text(change.pair)
    if pair.score is FINITE_SEEDS:
        size = size.replace("solved", "finite")
    return ", ".join(filter(None, [size, pair.word]))


def changes_table(changes: Sequence[ModelChange]) -> Table:
    """The models whose runs are others than before, a row each."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in COLUMNS:
        table.add_column(escape(heading), overflow="fold")
    task = ""
    for change in changes:
        if change.state != UNCHANGED:
            row = [escape(text) for text in change_row(change)]
            color = COLORS.get(change.word)
            row[0], task = ("" if change.task == task else row[0]), change.task
            row[2] = f"[{color}]{row[2]}[/]" if color else row[2]
            table.add_row(*row)
    return table


def summary_text(changes: Sequence[ModelChange]) -> str:
    """How many models have each word: ``1 worse, 2 undecided, 30 unchanged``."""
    counts = Counter(change.word for change in changes)
    return ", ".join(f"{counts[word]} {word}" for word in ORDER if counts[word])


def family_text(changes: Sequence[ModelChange]) -> str:
    """How many comparisons there are, and how often they are wrong."""
    tested = sum(score.pair.word != TOO_FEW for change in changes for score in change.scores)
    if not tested:
        return "No score is compared."
    return (
        f"{tested} comparison{'s' if tested > 1 else ''}, paired by seeds, in one family: if no model had changed, the "
        f"probability of any “better” or “worse” would be at most {LEVEL:.0%} (Holm's correction)."
    ).replace("%", " %")
