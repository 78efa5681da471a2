"""A comparison's tables: tidy for programs, and as Markdown and LaTeX (booktabs) for papers."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from seqprobe.learned import LEARNED, SOLVED
from seqprobe.markdown import GAP, markdown_text
from seqprobe.reports.comparison import UNRANKED, Comparison, Pair, ScoreSummary
from seqprobe.reports.needed_seeds import needed_seeds
from seqprobe.reports.number_format import interval_text, number_text
from seqprobe.reports.tuned_models import tuned_lines
from seqprobe.reports.wording import BEST_WORDS, OUTCOME_WORDS, PAPER_MARKS, counts_text, ratio, score_label, sentence
from seqprobe.scoring import level_label

INTERVALS = "Median [95 % interval of the median; below six seeds the range of all] over finite seeds."
DAGGER = "†: the network did not learn the task, so its probes are not ranked."
SCORE_COLUMNS = ["task", "model", "score", "better", "unit", "median", "low", "high"]
SCORE_COLUMNS += ["finite", "seeds", "solved", "learned", "mark", "members", "run_id"]
PAIR_COLUMNS = ["task", "score", "first", "second", "as", "median", "low", "high", "seeds", "p", "p_equivalent"]
PAIR_COLUMNS += ["family", "verdict", "seeds_for_observed", "seeds_for_margin"]


def score_frame(compared: Sequence[Comparison]) -> pd.DataFrame:
    """One row per task, model and score, with `SCORE_COLUMNS`; reference levels are models without seeds."""
    rows = [row for comparison in compared for row in [*model_rows(comparison), *level_rows(comparison)]]
    return pd.DataFrame(rows, columns=SCORE_COLUMNS)


def model_rows(comparison: Comparison) -> list[dict[str, object]]:
    """A row of `score_frame` per model and score."""
    rows: list[dict[str, object]] = []
    for variant in comparison.variants:
        for metric, score in comparison.scores.items():
            summary = comparison.summaries[variant.name, metric]
            median, low, high, finite = summary.interval or (None, None, None, 0)
            rows.append(
                {
                    **{"task": comparison.task, "model": variant.name, "score": metric},
                    **{"better": score.better or "", "unit": score.unit},
                    **{"median": median, "low": low, "high": high, "finite": finite, "seeds": len(variant.states)},
                    **{"solved": variant.count(SOLVED), "learned": variant.count(SOLVED, LEARNED)},
                    **{"mark": summary.mark, "members": variant.seeds_text, "run_id": variant.parent_id},
                }
            )
    return rows


def level_rows(comparison: Comparison) -> list[dict[str, object]]:
    """A row of `score_frame` per reference level."""
    rows: list[dict[str, object]] = []
    for metric, levels in comparison.levels.items():
        score = comparison.scores[metric]
        for role, level in levels.items():
            rows.append(
                {
                    **{"task": comparison.task, "model": level_label(role), "score": metric},
                    **{"better": score.better or "", "unit": score.unit, "median": level},
                    **{
                        "finite": 0,
                        "seeds": 0,
                        "solved": 0,
                        "learned": 0,
                        "mark": "reference",
                        "members": "",
                        "run_id": "",
                    },
                }
            )
    return rows


def difference_frame(compared: Sequence[Comparison]) -> pd.DataFrame:
    """One row per pair of models and score, with `PAIR_COLUMNS`.

    The difference is the ratio of errors, that of other scores, or of the shares of seeds that solved the task.
    """
    rows = [{"task": comparison.task, **pair_row(pair)} for comparison in compared for pair in comparison.pairs]
    return pd.DataFrame(rows, columns=PAIR_COLUMNS)


def pair_row(pair: Pair) -> dict[str, object]:
    """A row of `difference_frame`."""
    difference, needed = pair.difference, needed_seeds(pair)
    ends = (None, None, None) if difference is None else difference.interval[:3]
    median, low, high = (ratio(end) if pair.score.log and end is not None else end for end in ends)
    size = {"as": "ratio" if pair.score.log else "difference", "median": median, "low": low, "high": high}
    return {
        **{"score": pair.metric, "first": pair.first, "second": pair.second},
        **({"as": "share", "median": pair.size} if pair.shares is not None else size),
        **{"seeds": pair.common, "p": pair.evidence.p if pair.evidence else None},
        **{"p_equivalent": difference.p_equivalent if difference else None, "family": pair.family},
        **{"verdict": pair.word, "seeds_for_observed": needed.observed, "seeds_for_margin": needed.margin},
    }


def wide_table(comparison: Comparison) -> pd.DataFrame:
    """One task's table as text: a row per model and per reference level, a column per score."""
    columns = ["seeds", "solved", *(score_label(metric, score) for metric, score in comparison.scores.items())]
    rows = {}
    for variant in comparison.variants:
        summaries = [comparison.summaries[variant.name, metric] for metric in comparison.scores]
        texts = [interval_text(summary.interval) + PAPER_MARKS[summary.mark] for summary in summaries]
        rows[variant.name] = [variant.seeds_text, variant.solved_text, *texts]
    for role in comparison.roles:
        levels = [comparison.levels.get(metric, {}).get(role) for metric in comparison.scores]
        rows[level_label(role)] = ["", "", *("" if level is None else number_text(level) for level in levels)]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def markdown_tables(compared: Sequence[Comparison]) -> str:
    """All tasks' tables, with the conclusions from paired seeds."""
    parts = ["# Comparison of models", f"{INTERVALS} {BEST_WORDS} {DAGGER}", OUTCOME_WORDS, counts_text(compared)]
    for comparison in compared:
        table = wide_table(comparison)
        lines = [["model", *table.columns], ["---"] * (1 + len(table.columns))]
        lines += [
            [markdown_text(str(name)), *row] for name, row in zip(table.index, table.to_numpy().tolist(), strict=True)
        ]
        parts.append(f"## {comparison.task}")
        parts.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
        conclusions = [
            f"- {score_label(pair.metric, pair.score)}: {markdown_text(sentence(pair))}" for pair in comparison.pairs
        ]
        parts.append("\n".join([*conclusions, *(f"- {markdown_text(line)}" for line in tuned_lines(comparison))]))
    return "\n\n".join(part for part in parts if part) + "\n"


def overview_note(compared: Sequence[Comparison]) -> str:
    """The validation of every model on every task, as a run's description in Markdown; no intervals, to be short."""
    names = list(dict.fromkeys(variant.name for comparison in compared for variant in comparison.variants))
    lines = [["task", "score", *(markdown_text(str(name)) for name in names)]]
    for comparison in compared:
        metric = next((metric for metric in comparison.scores if metric.startswith("val/")), "")
        cells = {
            variant.name: "; ".join(
                filter(None, [median_text(comparison.summaries[variant.name, metric]), variant.solved_text])
            )
            for variant in comparison.variants
            if metric
        }
        lines.append([comparison.task, f"`{metric}`", *(cells.get(name, "–") for name in names)])
    header, *rows = (f"{GAP} | ".join(line) for line in lines)
    rule = " | ".join(["---"] * len(lines[0]))
    text = "Medians over seeds, and how many seeds solved the task. The page comparison.html is among the artifacts."
    return "\n".join([text, "", *(f"| {row} |" for row in (header, rule, *rows)), ""])


def median_text(summary: ScoreSummary) -> str:
    """The median with its mark."""
    interval = summary.interval
    return "–" if interval is None else f"{number_text(interval.median)}{PAPER_MARKS[summary.mark]}"


def latex_tables(compared: Sequence[Comparison]) -> str:
    """All tasks' tables, for ``\\usepackage{booktabs}``."""
    parts = [f"% {line}" for line in (f"{INTERVALS} {BEST_WORDS}", DAGGER, OUTCOME_WORDS, counts_text(compared))]
    for comparison in compared:
        styled = wide_table(comparison).style.format(escape="latex").format_index(escape="latex", axis=0)
        label = f"tab:{comparison.task.replace('_', '-')}"
        marks = {summary.mark for summary in comparison.summaries.values()}
        unranked = f" {DAGGER}" if UNRANKED in marks else ""
        caption = f"Task {comparison.task}: medians over seeds with intervals.{unranked}".replace("_", r"\_")
        text = styled.format_index(escape="latex", axis=1).to_latex(
            hrules=True, caption=caption, label=label, position_float="centering"
        )
        parts.append(text.replace("†", r"$\dagger$").replace("%", r"\%").replace(r"\\%", r"\%"))
    return "\n".join(parts)
