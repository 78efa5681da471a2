"""The page of a comparison."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from seqprobe.reports.charts import Chart
from seqprobe.reports.charts.chart import style_sheet
from seqprobe.reports.charts.svg_marks import mark_shapes
from seqprobe.reports.comparison import Comparison
from seqprobe.reports.comparison_rows import Link, level_row, model_row, pair_entry
from seqprobe.reports.headlines import Headline, headlines, undecided_headline
from seqprobe.reports.page import render_page, slug, unique_slugs
from seqprobe.reports.skill import PLACES
from seqprobe.reports.skill_matrix import matrix_row, ordered_models
from seqprobe.reports.swept_charts import SweptPicture
from seqprobe.reports.table_formats import INTERVALS
from seqprobe.reports.task_pictures import TaskPictures
from seqprobe.reports.tuned_models import tuned_lines
from seqprobe.reports.wording import BEST_WORDS, OUTCOME_WORDS, counts_text, score_label, sentences
from seqprobe.scoring import Score


@dataclass(frozen=True)
class Header:
    """The head and the foot of a page.

    Attributes:
        lines: what is compared, in words.
        commands: that made the page, and that open what it links to.
        ui: the address of the MLflow UI, with which the links begin.
    """

    lines: Sequence[str]
    commands: Sequence[str]
    ui: str = ""


def comparison_page(
    compared: Sequence[Comparison],
    drawn: Mapping[str, TaskPictures],
    header: Header,
    link: Link,
    swept: Sequence[SweptPicture] = (),
) -> str:
    """The page as HTML; ``drawn`` is what there is to see of each task, and ``swept`` of each parameter."""
    ids = unique_slugs([comparison.task for comparison in compared])
    models = ordered_models(compared)
    return render_page(
        "comparison_page.html.j2",
        about=header,
        ui=header.ui,
        chart_style=Markup(style_sheet()),
        mark_shapes=Markup(mark_shapes()),
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
        swept=[swept_section(picture) for picture in swept],
        tasks=[
            task_section(comparison, ids[comparison.task], drawn.get(comparison.task, TaskPictures()), link)
            for comparison in compared
        ],
    )


def swept_section(picture: SweptPicture) -> Mapping[str, object]:
    """What the template shows of a parameter."""
    table = picture.table
    address = f"over-{slug(picture.title)}"
    return {
        "id": address,
        "title": picture.title,
        "table_title": picture.table_title,
        "columns": [table.index.name, *table.columns],
        "rows": [[value, *row] for value, row in zip(table.index, table.to_numpy().tolist(), strict=True)],
        "chart": chart_entry(address, picture.chart),
    }


def linked_text(line: Headline, ids: Mapping[str, str]) -> Markup:
    """A headline whose tasks are links to their sections."""
    names = "|".join(re.escape(task) for task in sorted(line.tasks, key=len, reverse=True))
    parts = re.split(f"({names})", line.text)
    link = Markup('<a href="#{}">{}</a>')
    return Markup("").join(link.format(ids[part], part) if part in line.tasks else part for part in parts)


def task_section(comparison: Comparison, address: str, drawn: TaskPictures, link: Link) -> Mapping[str, object]:
    """What the template shows of a task."""
    return {
        "id": address,
        "name": comparison.task,
        "sentences": grouped_sentences(comparison),
        "rows": [model_row(comparison, variant, link) for variant in comparison.variants],
        "levels": [level_row(comparison, role) for role in comparison.roles],
        "scores": [
            {"name": score_label(metric, score), "better": direction_text(score)}
            for metric, score in comparison.scores.items()
        ],
        "differences": [pair_entry(pair) for pair in comparison.pairs],
        "links": {variant.name: link(variant.experiment_id, variant.parent_id) for variant in comparison.variants},
        "about": drawn.about,
        "example": drawn.example,
        "data": None if drawn.data is None else chart_entry(address, drawn.data),
        "sheets": [chart_entry(address, chart) for chart in drawn.charts],
    }


def grouped_sentences(comparison: Comparison) -> list[str]:
    """A sentence for all scores with the same conclusion, ``val/rmse, amplitude/far: gru is best``; what was tuned."""
    labels = defaultdict[str, list[str]](list)
    for line in sentences(comparison):
        label, _, text = line.partition(": ")
        labels[text].append(label)
    return [*(f"{', '.join(names)}: {text}" for text, names in labels.items()), *tuned_lines(comparison)]


def chart_entry(address: str, chart: Chart) -> Mapping[str, object]:
    """What the template shows of a chart."""
    panels = [Markup(panel) for panel in chart.panels]
    return {"id": f"{address}-{slug(chart.name)}", "chart": chart, "panels": panels}


def direction_text(score: Score) -> str:
    """Which direction is better."""
    return f"{score.better} is better" if score.better else "descriptive, not ranked"
