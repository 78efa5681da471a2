"""Run one composed config: train, probe and record its population."""

from __future__ import annotations

import signal
import sys
import time
import warnings
from dataclasses import dataclass
from types import FrameType

import numpy as np
import torch

from seqprobe.config.build import Plain, build_experiment
from seqprobe.config.record import build_recorder
from seqprobe.learning.callbacks import Progress
from seqprobe.learning.train import TrainResult, train


@dataclass(frozen=True)
class Outcome:
    """What a run came to: the objective to minimise, and a line about it for people."""

    objective: float
    summary: str


def run_population(plain: Plain, progress: Progress | None = None) -> Outcome:
    """Train one population. SIGTERM ends its runs as KILLED, like Ctrl-C."""
    signal.signal(signal.SIGTERM, terminate)
    # Lightning warns of torch's own deprecations; nothing that whoever runs this could mend.
    warnings.filterwarnings("ignore", module="pytorch_lightning")
    start = time.perf_counter()
    experiment = build_experiment(plain)
    torch.set_num_threads(plain["threads"])
    with build_recorder(plain, experiment) as recorder:
        result = train(experiment, recorder, progress)
    return Outcome(result.objective, summary(experiment.title, result, time.perf_counter() - start))


def summary(title: str, result: TrainResult, seconds: float) -> str:
    """One line: what, the median score of how many finite members, the engine, the time."""
    metric = "accuracy" if "accuracy" in result.scores else "rmse"
    values = result.scores[metric]
    finite = values[np.isfinite(values)]
    median = f"{np.median(finite):.3g}" if len(finite) else "none finite"
    counted = f"{len(finite)} of {len(values)} seeds" if len(finite) < len(values) else f"{len(values)} seeds"
    return f"{title}  val/{metric} {median} (median of {counted})  {result.engine}  {seconds:.0f} s"


def terminate(signum: int, frame: FrameType | None) -> None:
    """Turn a signal into an exit that runs through every ``with`` on the way; a second one cannot cut that short."""
    signal.signal(signum, signal.SIG_IGN)
    sys.exit(128 + signum)
