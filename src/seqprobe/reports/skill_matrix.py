"""The matrix of tasks and models: in every place a square, coloured by skill; for the page and for the terminal."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import cast

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from seqprobe.learned import DIVERGED, OUTCOMES
from seqprobe.reports.comparison import BEST, Comparison, Variant
from seqprobe.reports.headlines import wins
from seqprobe.reports.skill import PLACES, Skill, model_skills
from seqprobe.scoring import MetricName

LIMITS = (0.0, 0.5, 0.8, 0.95)
"""Where the colours change; .5 and .95 are a task's usual limits of learned and solved."""
STYLES = ("worse", "poor", "fair", "good", "solved")
"""Names of the colours, from the least skill to the most."""
TERMINAL_COLORS = dict(
    zip((*STYLES, "none", "unranked"), ("red", "yellow", "default", "cyan", "bold green", "dim", "dim"), strict=True)
)
"""The same colours in a terminal, which may have sixteen of them on any background."""
CELL_WIDTH = 18
"""Of four shares, with the space between columns."""
TABLE_WORDS = (
    "Share (%) of the gap from the constant predictor to the best possible one that each model closes: "
    "learned (validation), then its probes inside, just beyond and far from the training range.\n"
    "★ best, and worse by no score (several: tied; none: undecided or mixed); × the network did not learn the task, "
    "its probes are not ranked; – no such band."
)
SAME = 0.01
"""Shares that differ by less are shown as equal."""


def ordered_models(compared: Sequence[Comparison]) -> list[str]:
    """The models of all tasks: first those that were trained on most of them, then by name."""
    tasks = Counter(model for comparison in compared for model in {variant.model for variant in comparison.variants})
    return sorted(tasks, key=lambda model: (-tasks[model], model))


def matrix_row(comparison: Comparison, models: Sequence[str]) -> list[list[Mapping[str, object]]]:
    """A task's entries, by model: one for each variant of it; none where it was not trained."""
    skills = {variant.name: model_skills(comparison, variant) for variant in comparison.variants}
    best = [best_names(comparison, [of_model[index] for of_model in skills.values()]) for index in range(len(PLACES))]
    return [
        [matrix_entry(comparison.task, variant, skills[variant.name], best) for variant in variants]
        for variants in ([variant for variant in comparison.variants if variant.model == model] for model in models)
    ]


def matrix_entry(
    task: str, variant: Variant, skills: Sequence[Skill], best: Sequence[set[str]]
) -> Mapping[str, object]:
    """What the page shows of a model on a task; ``best`` are the best models in every place."""
    return {
        "name": variant.name,
        "setting": variant.name.removeprefix(variant.model).removeprefix(" · "),
        "squares": [
            square_entry(variant, skill, variant.name in names) for skill, names in zip(skills, best, strict=True)
        ],
        "label": f"{variant.name} on {task}: {'; '.join(skill.text for skill in skills)}",
        "trouble": trouble_text(variant),
    }


def square_entry(variant: Variant, skill: Skill, is_best: bool) -> Mapping[str, object]:
    """What the page shows of a model's skill in one place."""
    details = [skill.text]
    if skill.probes:
        details.append(f"mean over {', '.join(skill.probes)}")
    if skill.place == "learned" and variant.solved_text:
        details.append(f"solved: {variant.solved_text}")
    if is_best:
        details.append("best model")
    style = square_style(skill)
    number = "<0" if style == "worse" else f"{100 * (skill.share or 0):.0f}"
    short = {"none": "–", "unranked": "×"}.get(style, number)
    return {"style": style, "text": " · ".join(details), "short": short, "is_best": is_best}


def square_style(skill: Skill) -> str:
    """The name of a square's colour; ``none`` where nothing is measured, ``unranked`` without having learned."""
    if skill.share is None:
        return "none"
    return STYLES[bisect(LIMITS, skill.share)] if skill.is_ranked else "unranked"


def best_names(comparison: Comparison, skills: Sequence[Skill]) -> set[str]:
    """The models that are best by every score in a place by which any is, and neither have less skill there than
    another one nor are worse than it by any other score.

    Args:
        skills: of each model in that place.
    """
    band, best, beaten = PLACES[skills[0].place], list[set[str]](), set[str]()
    for metric in comparison.scores:
        name = MetricName.parse(metric)
        if (name.group, name.band or "") == ("probe" if band else "val", band):
            marks = {variant.name: comparison.summaries[variant.name, metric].mark for variant in comparison.variants}
            best.append({model for model, mark in marks.items() if mark == BEST})
            beaten |= {loser for _, loser in wins(comparison, metric)}
    decided = [names for names in best if names]
    shares = {
        variant.name: skill.share or 0.0
        for variant, skill in zip(comparison.variants, skills, strict=True)
        if skill.is_ranked
    }
    leading = {model for model, share in shares.items() if share >= max(shares.values()) - SAME}
    return set.intersection(leading, *decided) - beaten if decided else set()


def matrix_tables(compared: Sequence[Comparison], width: int) -> list[Table]:
    """The matrix for a terminal of this width: in a cell the four shares in per cent, coloured as on the page.

    Models that do not fit beside each other are in further tables.
    """
    models = ordered_models(compared)
    names = max((len(comparison.task) for comparison in compared), default=0)
    fitting = max(1, (width - names - 4) // CELL_WIDTH)
    groups = [models[start : start + fitting] for start in range(0, len(models), fitting)]
    return [matrix_table(compared, group) for group in groups]


def matrix_table(compared: Sequence[Comparison], models: Sequence[str]) -> Table:
    """Some models' columns of the matrix, of the tasks on which one of them was trained."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("task", *models):
        table.add_column(escape(heading), no_wrap=True)
    for comparison in compared:
        cells = ["\n".join(map(terminal_cell, entries)) for entries in matrix_row(comparison, models)]
        if any(cells):
            table.add_row(escape(comparison.task), *cells)
    return table


def terminal_cell(entry: Mapping[str, object]) -> str:
    """An entry of the matrix as text with colours."""
    squares = cast(Sequence[Mapping[str, str]], entry["squares"])
    shares = "".join(
        f"[{TERMINAL_COLORS[one['style']]}]{one['short']:>3}{'★' if one['is_best'] else ' '}[/]" for one in squares
    )
    return " ".join(filter(None, [shares, *(escape(str(entry[key])) for key in ("trouble", "setting"))]))


def trouble_text(variant: Variant) -> str:
    """How many members diverged, failed, were stopped or are still running: ``∞ 1 diverged``."""
    signs = {DIVERGED: "∞", "RUNNING": "…"}
    states = [state for state in dict.fromkeys(variant.states.values()) if state == DIVERGED or state not in OUTCOMES]
    return " ".join(f"{signs.get(state, '✗')} {variant.count(state)} {state.lower()}" for state in states)
