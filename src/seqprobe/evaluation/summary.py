"""What a training came to, in Markdown: one sentence, a table of scores, and the pictures of the fit and the probes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from seqprobe.learning.experiment import Experiment
from seqprobe.learning.result import TrainResult

SCORES = ("rmse", "rmse_settled", "accuracy")
"""What the table has of the validation; of a probe it has the first of them that there is, or else its first mean."""

GAP = "&emsp;"
"""Between columns: MLflow's pages leave none."""


def note(experiment: Experiment, result: TrainResult, probed: Mapping[str, Mapping[str, np.ndarray]]) -> str:
    """What a training came to.

    Args:
        probed: by probe, its metrics by full name, ``(seeds,)`` each.
    """
    found = {f"val/{name}": result.scores[name] for name in SCORES if name in result.scores}
    for metrics in probed.values():
        means = [name for name in metrics if name.count("/") == 2]
        found |= {name: metrics[name] for name in sorted(means, key=lambda name: not name.endswith(SCORES))[:1]}
    rows = [f"| `{name}`{GAP} | {f'{GAP} | '.join(spread(values))} |" for name, values in found.items()]
    lines = [opening(experiment, result), "", "| score | median | least – greatest |", "|---|---|---|", *rows]
    return "\n".join([*lines, "", *levels(result), *pictures(probed)])


def opening(experiment: Experiment, result: TrainResult) -> str:
    """What was trained, and how."""
    seeds, lost = len(experiment.seeds), int((result.diverged_at >= 0).sum())
    ending = f"; {lost} of them diverged" if lost else ""
    return f"**{experiment.title}**: {seeds} seed{'s' if seeds > 1 else ''}, {result.updates} updates each{ending}."


def spread(values: np.ndarray) -> tuple[str, str]:
    """The median over finite members, of how many if some are missing, and from where to where they reach."""
    finite = values[np.isfinite(values)]
    counted = f" ({len(finite)} of {len(values)})" if len(finite) < len(values) else ""
    if not len(finite):
        return f"–{counted}", "–"
    return f"{np.median(finite):.3g}{counted}", f"{finite.min():.3g} – {finite.max():.3g}"


def levels(result: TrainResult) -> list[str]:
    """What other than the networks would score, to read validation scores against."""
    score = "accuracy" if "accuracy" in result.scores else "rmse"
    known = [f"{name} {np.median(levels.score):.3g}" for name, levels in result.references.items()]
    return [f"To compare `val/{score}` with: {', '.join(known)}.", ""] if known else []


def pictures(probed: Mapping[str, object]) -> list[str]:
    """The fit, then every probe, each on its own line."""
    names = ["fit", *(f"probe_{probe}" for probe in probed)]
    return [line for name in names for line in (f"![{name}](figures/{name}.png)", "")]
