"""What a tuning prints and records: its budget at the beginning, and each model's best setting at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from seqprobe.commands.sweep_summary import closing_console
from seqprobe.commands.tuning_options import TuningOptions
from seqprobe.commands.tuning_plan import TunedModel
from seqprobe.reports.number_format import interval_text, number_text
from seqprobe.reports.statistics import median_interval
from seqprobe.run.halving import surviving_counts
from seqprobe.run.study import Trial, best_trial
from seqprobe.tracking.command_run import record_command_run

COLUMNS = ("task and model", "best setting", "val/loss in the tuning", "trials", "val/loss with fresh seeds")


@dataclass(frozen=True)
class TunedResult:
    """What a tuning came to for one model.

    Attributes:
        fresh: the losses of the best setting by fresh seed, infinite where one diverged.
    """

    model: TunedModel
    trials: Sequence[Trial]
    fresh: dict[int, float] = field(default_factory=dict)

    @property
    def best(self) -> Trial | None:
        """The trial with the least loss; None if all settings diverged."""
        return best_trial(self.trials)

    @property
    def setting(self) -> str:
        """The best setting as overrides, with a note where it is at the edge of the space."""
        if self.best is None:
            return "every setting diverged"
        return " ".join(
            dimension.override(self.best.values[dimension.key])
            + (" (at the edge of the space)" if dimension.is_edge(self.best.values[dimension.key]) else "")
            for dimension in self.model.space
        )

    @property
    def counts(self) -> str:
        """How many trials are complete, pruned and diverged."""
        diverged = sum(trial.loss == float("inf") for trial in self.trials)
        complete = sum(trial.is_complete and trial.loss != float("inf") for trial in self.trials)
        numbers = {"complete": complete, "pruned": len(self.trials) - complete - diverged, "diverged": diverged}
        return ", ".join(f"{count} {word}" for word, count in numbers.items() if count)

    @property
    def fresh_text(self) -> str:
        """The median and its interval, and how many fresh seeds diverged."""
        finite = [loss for loss in self.fresh.values() if np.isfinite(loss)]
        lost = len(self.fresh) - len(finite)
        return (interval_text(median_interval(finite)) if finite else "") + (f" ({lost} diverged)" if lost else "")


def print_budget(models: Sequence[TunedModel], options: TuningOptions) -> None:
    """Print what every model gets, and which settings some of them lack."""
    for text, names in budget_texts(models, options).items():
        print(f"{'Each model' if len(names) == len(models) else ', '.join(names)}: {text}")
    for dimension in options.space:
        lacking = [model.name for model in models if dimension not in model.space]
        if lacking:
            print(f"{dimension.key} is left out for what lacks it: {', '.join(lacking)}")


def budget_texts(models: Sequence[TunedModel], options: TuningOptions) -> dict[str, list[str]]:
    """The names of the models by what each of them gets, which their tasks' updates decide."""
    texts: dict[str, list[str]] = {}
    for model in models:
        counts = surviving_counts(options.trials, options.batch, len(model.rungs), options.reduction)
        steps = [
            f"{count} with {len(rung.seeds)} seed{'s' if len(rung.seeds) > 1 else ''} and {rung.updates} updates"
            for count, rung in zip(counts, model.rungs, strict=True)
        ]
        texts.setdefault(f"{options.trials} trials, {', then '.join(steps)}", []).append(model.name)
    return texts


def print_tuning(results: Sequence[TunedResult]) -> None:
    """Print the table of the best settings."""
    console, table = closing_console(), Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in COLUMNS:
        table.add_column(heading, overflow="fold")
    for result in results:
        loss = "" if result.best is None else number_text(result.best.loss)
        table.add_row(*map(escape, (result.model.name, result.setting, loss, result.counts, result.fresh_text)))
    console.print(table)
    console.print(
        "The loss in the tuning is that of the best of many trials, and so too small; that with fresh seeds is fair.",
        highlight=False,
    )


def record_tuning(results: Sequence[TunedResult], options: TuningOptions, command: str) -> None:
    """Record a tuning in the MLflow experiment ``tuning``: the best settings and all trials as tables."""
    store = results[0].model.base.store
    best = pd.DataFrame(
        {
            "model": [result.model.name for result in results],
            "setting": [result.setting for result in results],
            "loss": [float("inf") if result.best is None else result.best.loss for result in results],
            "trials": [result.counts for result in results],
            "fresh_median": [np.median([*result.fresh.values()]) if result.fresh else np.nan for result in results],
        }
    )
    trials = pd.DataFrame(
        [
            {"model": result.model.name, "trial": number, **trial.values, **rung_losses(trial)}
            for result in results
            for number, trial in enumerate(result.trials)
        ]
    )
    record_command_run(
        store,
        "tuning",
        f"tuning · {', '.join(result.model.name for result in results)}"[:250],
        "tuning",
        params={"trials": options.trials, "seeds": ",".join(map(str, options.seeds)), "command": command[:500]},
        metrics={},
        figures={},
        tables={"best": best, "trials": trials},
        texts={},
        note="\n".join(f"- {result.model.name}: {result.setting}" for result in results),
    )


def rung_losses(trial: Trial) -> dict[str, float]:
    """A trial's losses by rung."""
    return {f"loss_{place}": loss for place, loss in enumerate(trial.losses)}
