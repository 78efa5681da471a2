"""The note on a population's run, in Markdown: one sentence, a table of scores, the figures of the fit and probes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from seqprobe.learned import member_outcomes, outcome_text
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.result import TrainResult
from seqprobe.markdown import GAP
from seqprobe.probes import ProbeResult
from seqprobe.scoring import LOSS, MetricName, Score, level_label, score_named
from seqprobe.tasks import Task


def summary_markdown(experiment: Experiment, result: TrainResult, probed: Mapping[str, ProbeResult]) -> str:
    """The results of a training: the validation's scores, and each probe's main score, band by band."""
    values = {
        str(MetricName("val", score.name)): result.scores[score.name] for score in validation_scores(experiment, result)
    }
    for name, probe_result in probed.items():
        values |= probe_result.main_metrics(name, experiment.probes[name].scores)
    rows = [f"| `{name}`{GAP} | {f'{GAP} | '.join(spread(numbers))} |" for name, numbers in values.items()]
    lines = [headline(experiment, result), "", "| score | median | least – greatest |", "|---|---|---|", *rows]
    unanswered = [line for text in unanswered_lines(probed) for line in (text, "")]
    pictured = [name for name, probe_result in probed.items() if not probe_result.is_missing]
    return "\n".join([*lines, "", *reference_lines(experiment, result), *unanswered, *pictures(pictured)])


def validation_scores(experiment: Experiment, result: TrainResult) -> list[Score]:
    """The main score of the validation, then what else was measured but the loss."""
    main = experiment.task.main_score
    others = [score_named(name) for name in result.scores if name not in (main.name, LOSS.name)]
    return [score for score in (main, *others) if score.name in result.scores]


def headline(experiment: Experiment, result: TrainResult) -> str:
    """The title, the number of seeds and updates, and how many members solved the task, learned it or diverged."""
    seeds, outcomes = len(experiment.seeds), outcome_text(population_outcomes(experiment.task, result))
    ending = f": {outcomes}" if outcomes else ""
    return f"**{experiment.title}**: {seeds} seed{'s' if seeds > 1 else ''}, {result.updates} updates each{ending}."


def population_outcomes(task: Task, result: TrainResult) -> list[str]:
    """The outcome of each member, one of `seqprobe.learned.OUTCOMES`: by the validation's main score after training."""
    levels = {role: level.score for role, level in result.references.items()}
    values, diverged = result.scores[task.main_score.name], result.diverged_at >= 0
    return member_outcomes(task.main_score, values, levels, diverged, task.outcome_limits)


def spread(values: np.ndarray) -> tuple[str, str]:
    """The median over finite members with their number if some are missing, and the least and the greatest value."""
    finite = values[np.isfinite(values)]
    counted = f" ({len(finite)} of {len(values)})" if len(finite) < len(values) else ""
    if not len(finite):
        return f"–{counted}", "–"
    return f"{np.median(finite):.3g}{counted}", f"{finite.min():.3g} – {finite.max():.3g}"


def reference_lines(experiment: Experiment, result: TrainResult) -> list[str]:
    """The reference levels of the validation's main score, as lines of Markdown."""
    known = [f"{level_label(role)} {np.median(levels.score):.3g}" for role, levels in result.references.items()]
    metric = MetricName("val", experiment.task.main_score.name)
    return [f"To compare `{metric}` with: {', '.join(known)}.", ""] if known else []


def unanswered_lines(probed: Mapping[str, ProbeResult]) -> list[str]:
    """A line for each probe that the networks could not answer, or only in part."""
    return [f"probe {name}: no answer to {result.unanswered}" for name, result in probed.items() if result.unanswered]


def pictures(probed: Iterable[str]) -> list[str]:
    """The fit, then every probe, each on its own line."""
    names = ["fit", *(f"probe_{probe}" for probe in probed)]
    return [line for name in names for line in (f"![{name}](figures/{name}.png)", "")]
