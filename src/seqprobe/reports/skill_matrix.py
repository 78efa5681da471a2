"""The matrix of tasks and models: in every place a square, coloured by skill; for the page and for the terminal."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence

from seqprobe.learned import DIVERGED, OUTCOMES
from seqprobe.reports.comparison import BEST, Comparison, Variant
from seqprobe.reports.skill import PLACES, Skill, model_skills
from seqprobe.scoring import MetricName

LIMITS = (0.0, 0.5, 0.8, 0.95)
"""Where the colours change; .5 and .95 are a task's usual limits of learned and solved."""
STYLES = ("worse", "poor", "fair", "good", "solved")
"""Names of the colours, from the least skill to the most."""
SAME = 0.01
"""Shares that differ by less are shown as equal."""


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
    return {"style": square_style(skill), "text": " · ".join(details), "is_best": is_best}


def square_style(skill: Skill) -> str:
    """The name of a square's colour; ``none`` where nothing is measured, ``unranked`` without having learned."""
    if skill.share is None:
        return "none"
    return STYLES[bisect(LIMITS, skill.share)] if skill.is_ranked else "unranked"


def best_names(comparison: Comparison, skills: Sequence[Skill]) -> set[str]:
    """The models that are best by every score in a place by which any is, if no other model has more skill there.

    Args:
        skills: of each model in that place.
    """
    band, best = PLACES[skills[0].place], list[set[str]]()
    for metric in comparison.scores:
        name = MetricName.parse(metric)
        if (name.group, name.band or "") == ("probe" if band else "val", band):
            marks = {variant.name: comparison.summaries[variant.name, metric].mark for variant in comparison.variants}
            best.append({model for model, mark in marks.items() if mark == BEST})
    decided = [names for names in best if names]
    shares = {
        variant.name: skill.share or 0.0
        for variant, skill in zip(comparison.variants, skills, strict=True)
        if skill.is_ranked
    }
    leading = {model for model, share in shares.items() if share >= max(shares.values()) - SAME}
    return set.intersection(leading, *decided) if decided else set()


def trouble_text(variant: Variant) -> str:
    """How many members diverged, failed, were stopped or are still running: ``∞ 1 diverged``."""
    signs = {DIVERGED: "∞", "RUNNING": "…"}
    states = [state for state in dict.fromkeys(variant.states.values()) if state == DIVERGED or state not in OUTCOMES]
    return " ".join(f"{signs.get(state, '✗')} {variant.count(state)} {state.lower()}" for state in states)
