"""Run one composed config: train, probe and record its population."""

from __future__ import annotations

import signal
import sys
import time
import warnings
from dataclasses import dataclass
from types import FrameType

import numpy as np

from seqprobe.config.build import Plain, build_experiment
from seqprobe.config.record import build_recorder
from seqprobe.learning.callbacks import Progress
from seqprobe.learning.result import TrainResult
from seqprobe.learning.train import train
from seqprobe.run.tuning import tune


@dataclass(frozen=True)
class Outcome:
    """What a run came to: the objective to minimise, and a line about it for people."""

    objective: float
    summary: str


def run_population(plain: Plain, progress: Progress | None = None) -> Outcome:
    """Train one population. SIGTERM and SIGHUP end its runs as KILLED, like Ctrl-C."""
    end_on_signals()
    # Lightning warns of torch's own deprecations; nothing that whoever runs this could mend.
    warnings.filterwarnings("ignore", module="pytorch_lightning")
    start = time.perf_counter()
    experiment = build_experiment(plain)
    tune(plain["threads"])
    with build_recorder(plain, experiment) as recorder:
        result = train(experiment, recorder, heeding_signals(progress))
    return Outcome(result.objective, summary(experiment.title, result, time.perf_counter() - start))


def summary(title: str, result: TrainResult, seconds: float) -> str:
    """One line: what, the median score of how many finite members, the engine, the time."""
    metric = "accuracy" if "accuracy" in result.scores else "rmse"
    values = result.scores[metric]
    finite = values[np.isfinite(values)]
    ending = f"{result.engine}  {seconds:.0f} s"
    if not len(finite):
        return f"{title}  all {len(values)} seeds diverged  {ending}"
    of = (
        f"{len(finite)} of {len(values)} seeds, the others diverged"
        if len(finite) < len(values)
        else f"{len(values)} seeds"
    )
    counted = f"median of {of}" if len(values) > 1 else "1 seed"
    return f"{title}  val/{metric} {np.median(finite):.3g} ({counted})  {ending}"


def end_on_signals() -> None:
    """Let a request to end, or a closed terminal, run through every ``with`` on the way out."""
    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, terminate)


asked_to_end: list[int] = []
"""Signals that asked this process to end."""


def heeding_signals(progress: Progress | None) -> Progress:
    """``progress`` that ends the run if a signal's exit was lost: Python drops what is raised in a destructor."""

    def heard(done: int, total: int, words: str) -> None:
        if asked_to_end:
            sys.exit(128 + asked_to_end[0])
        if progress is not None:
            progress(done, total, words)

    return heard


def terminate(signum: int, frame: FrameType | None) -> None:
    """Turn a signal into an exit that runs through every ``with`` on the way; a second one cannot cut that short."""
    signal.signal(signum, signal.SIG_IGN)
    asked_to_end.append(signum)
    sys.exit(128 + signum)
