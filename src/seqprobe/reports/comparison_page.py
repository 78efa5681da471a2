"""The page of a comparison: one file that needs nothing else, for the screen, the phone and the printer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import Markup

from seqprobe.reports.closing_table import shortened
from seqprobe.reports.comparison import Comparison, Pair, Variant, higher_is_better
from seqprobe.reports.comparison_figures import Picture
from seqprobe.reports.table_formats import INTERVALS
from seqprobe.reports.verdict_page import slug
from seqprobe.reports.wording import numbers, ratio, size, summary, verdict

MARKS = {"best": "★ best", "tied": "≈ best", "": ""}
Link = Callable[[str, str], str]
"""The address of a run in the MLflow UI, from the ids of its experiment and of itself."""


@dataclass(frozen=True)
class About:
    """What a page says of itself.

    Attributes:
        lines: what is compared, in words.
        commands: that made it, and that open what it links to.
    """

    lines: Sequence[str]
    commands: Sequence[str]


def document(found: Sequence[Comparison], drawn: Mapping[str, Sequence[Picture]], about: About, link: Link) -> str:
    """The page as HTML; ``drawn`` are each task's sheets with their SVG."""
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(
        (Path(__file__).parent / "comparison_page.html.j2").read_text()
    )
    ids = addresses([each.task for each in found])
    models = list(dict.fromkeys(variant.model for each in found for variant in each.variants))
    return template.render(
        about=about,
        intervals=INTERVALS,
        models=models,
        overview=[
            {"task": each.task, "id": ids[each.task], "cells": [overview(each, model, link) for model in models]}
            for each in found
        ],
        tasks=[section(each, ids[each.task], drawn.get(each.task, []), link) for each in found],
    )


def addresses(names: Sequence[str]) -> dict[str, str]:
    """An id for each name, all different, whatever letters they have."""
    found: dict[str, str] = {}
    for index, name in enumerate(names):
        short = slug(name)
        found[name] = short if short and short not in (*found.values(), "overview") else f"{short}-{index}".strip("-")
    return found


def overview(found: Comparison, model: str, link: Link) -> list[Mapping[str, str]]:
    """What became of a model on a task; empty where it was not trained."""
    return [
        {"said": short(each), "name": each.name, "href": link(each.experiment_id, each.parent_id)}
        for each in found.variants
        if each.model == model
    ]


def short(variant: Variant) -> str:
    """How many seeds there are and what became of those without a result, with a sign for each."""
    signs = {"finite": "✓", "diverged": "∞", "RUNNING": "…"}
    words = {state: "" if state == "finite" else f" {state.lower()}" for state in variant.states.values()}
    return " ".join(f"{signs.get(state, '✗')} {variant.counted(state)}{word}" for state, word in words.items())


def section(found: Comparison, address: str, drawn: Sequence[Picture], link: Link) -> Mapping[str, object]:
    """What the template shows of a task."""
    rows = [
        {
            "name": each.name,
            "said": each.said,
            "seeds": len(each.states),
            "href": link(each.experiment_id, each.parent_id),
            "members": [
                {"seed": seed, "state": each.states[seed], "href": link(each.experiment_id, run)}
                for seed, run in each.runs.items()
            ],
            "cells": [cell(found, each, score) for score in found.scores],
        }
        for each in found.variants
    ]
    levels = [
        {"name": name, "cells": [f"{level:.3g}" if score.startswith("val/") else "" for score in found.scores]}
        for name, level in found.references.items()
    ]
    return {
        "id": address,
        "name": found.task,
        "sentences": summary(found),
        "rows": rows,
        "levels": levels,
        "scores": [
            {"name": shortened(score), "better": "higher" if higher_is_better(score) else "lower"}
            for score in found.scores
        ],
        "differences": [difference(pair, found.family) for pair in found.pairs],
        "links": {each.name: link(each.experiment_id, each.parent_id) for each in found.variants},
        "sheets": [
            {
                "id": f"{address}-{slug(sheet.name)}",
                "name": sheet.name.replace("_", " "),
                "caption": sheet.caption,
                "src": embedded(sheet.svg),
            }
            for sheet in drawn
        ],
    }


def cell(found: Comparison, variant: Variant, score: str) -> Mapping[str, object]:
    """What the template shows of one number; a model without any has the reason in its place."""
    own = found.summaries[variant.name, score]
    text, _, interval = numbers(own).partition(" ")
    missing = len(variant.states) - len(own.values)
    return {
        "text": text or variant.said,
        "interval": interval,
        "mark": MARKS[own.mark],
        "sort": own.interval.median if own.interval else "",
        "counted": f"{len(own.values)} of {len(variant.states)}" if text and missing else "",
    }


def difference(pair: Pair, family: int) -> Mapping[str, object]:
    """What the template shows of two models."""
    known = pair.difference
    return {
        "score": shortened(pair.score),
        "first": pair.first,
        "second": pair.second,
        "size": size(pair),
        "sort": ""
        if known is None
        else known.interval.median
        if higher_is_better(pair.score)
        else ratio(known.interval.median),
        "seeds": known.interval.n if known else 0,
        "verdict": verdict(pair, family),
        "real": pair.real,
    }


def embedded(content: str) -> Markup:
    """An SVG as an address that holds it, escaped for an attribute; a third shorter than in base64."""
    flat = " ".join(content.split())  # addresses lose their line ends, also between attributes
    for letter, escape in {"%": "%25", "#": "%23", '"': "%22", "&": "&amp;"}.items():
        flat = flat.replace(letter, escape)
    return Markup("data:image/svg+xml,") + Markup(flat)
