"""A comparison's tables: tidy for programs, and as Markdown and LaTeX (booktabs) for papers."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from seqprobe.reports.closing_table import shortened
from seqprobe.reports.comparison import Comparison, higher_is_better
from seqprobe.reports.wording import numbers, ratio, verdict

MARKS = {"best": " (best)", "tied": " (≈ best)", "": ""}
INTERVALS = (
    "Median [95 % interval of the median; below six seeds the range of all] over finite seeds. "
    "≈ best: paired seeds show no difference from the best."
)


def score_frame(found: Sequence[Comparison]) -> pd.DataFrame:
    """One row per task, model and score; reference levels are models without seeds."""
    rows = []
    for each in found:
        for variant in each.variants:
            for score in each.scores:
                cell = each.summaries[variant.name, score]
                interval = cell.interval or (None, None, None, 0)
                rows.append(
                    (
                        each.task,
                        variant.name,
                        score,
                        *interval,
                        len(variant.states),
                        cell.mark,
                        variant.said,
                        variant.parent_id,
                    )
                )
        rows += [
            (each.task, name, score, level, None, None, 0, 0, "reference", "", "")
            for score in each.scores
            if score.startswith("val/")
            for name, level in each.references.items()
        ]
    names = ["task", "model", "score", "median", "low", "high", "finite", "seeds", "mark", "members", "run_id"]
    return pd.DataFrame(rows, columns=names)


def difference_frame(found: Sequence[Comparison]) -> pd.DataFrame:
    """One row per pair of models and score: the ratio of errors, or the difference of accuracies."""
    rows = []
    for each in found:
        for pair in each.pairs:
            accuracy, known = higher_is_better(pair.score), pair.difference
            ends = (None, None, None) if known is None else known.interval[:3]
            shown = ends if accuracy or known is None else tuple(ratio(end) for end in known.interval[:3])
            rows.append(
                (
                    each.task,
                    pair.score,
                    pair.first,
                    pair.second,
                    "difference" if accuracy else "ratio",
                    *shown,
                    known.interval.n if known else 0,
                    known.p if known else None,
                    pair.real,
                    verdict(pair, each.family),
                )
            )
    names = ["task", "score", "first", "second", "as", "median", "low", "high", "seeds", "p", "real", "verdict"]
    return pd.DataFrame(rows, columns=names)


def wide_table(found: Comparison) -> pd.DataFrame:
    """One task's table as text: a row per model and per reference level, a column per score."""
    columns = ["seeds", *(shortened(score) for score in found.scores)]
    rows = {
        each.name: [
            each.said,
            *(
                numbers(cell) + MARKS[cell.mark]
                for cell in (found.summaries[each.name, score] for score in found.scores)
            ),
        ]
        for each in found.variants
    }
    for name, level in found.references.items():
        rows[name] = ["", *(f"{level:.3g}" if score.startswith("val/") else "" for score in found.scores)]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def markdown(found: Sequence[Comparison]) -> str:
    """All tasks' tables, and what paired seeds say."""
    parts = ["# Comparison of models", INTERVALS]
    for each in found:
        table = wide_table(each)
        lines = [["model", *table.columns], ["---"] * (1 + len(table.columns))]
        lines += [[str(name), *row] for name, row in zip(table.index, table.to_numpy().tolist(), strict=True)]
        parts.append(f"## {each.task}")
        fields = ([str(field).replace("|", "/") for field in line] for line in lines)
        parts.append("\n".join(f"| {' | '.join(line)} |" for line in fields))
        said = [
            f"- {shortened(pair.score)}: {pair.first} against {pair.second}: {verdict(pair, each.family)}"
            for pair in each.pairs
        ]
        parts.append("\n".join(said))
    return "\n\n".join(part for part in parts if part) + "\n"


def latex(found: Sequence[Comparison]) -> str:
    """All tasks' tables, for ``\\usepackage{booktabs}``."""
    parts = ["% " + INTERVALS]
    for each in found:
        styled = wide_table(each).style.format(escape="latex").format_index(escape="latex", axis=0)
        label = f"tab:{each.task.replace('_', '-')}"
        caption = f"Task {each.task}: medians over seeds with intervals.".replace("_", r"\_")
        text = styled.format_index(escape="latex", axis=1).to_latex(
            hrules=True, caption=caption, label=label, position_float="centering"
        )
        parts.append(text.replace("≈", r"$\approx$").replace("%", r"\%").replace(r"\\%", r"\%"))
    return "\n".join(parts)
