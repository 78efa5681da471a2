"""Where the time of a training goes: every part's own seconds, by clocks around the functions that do it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

from seqprobe.bench.clocks import Clocks
from seqprobe.bench.sides import Stopwatch
from seqprobe.learning import callbacks, data, frames, module
from seqprobe.models import Population
from seqprobe.tracking.mlflow_recorder import MLflowRecorder

PARTS: dict[str, list[tuple[type, Callable[..., Any]]]] = {
    "forward and backward": [(Population, Population.backward)],
    "optimizer and checks": [(module.PopulationModule, module.PopulationModule.update)],
    "minibatches": [(data.PopulationData, data.PopulationData.minibatches)],
    "validation": [
        (module.PopulationModule, module.PopulationModule.validation_step),
        (callbacks.BestWeights, callbacks.BestWeights.after_validation),
        (frames.Frames, frames.Frames.after_validation),
    ],
    "recording": [
        (callbacks.Recording, callbacks.Recording.record),
        (MLflowRecorder, MLflowRecorder.flush),
    ],
}
"""The functions that are timed; the rest of the time is Lightning's."""


def seconds_by_part(run: Callable[[], float]) -> dict[str, float]:
    """Seconds by part of what a `Stopwatch` times in ``run``, which returns them in all; the rest is Lightning's."""
    clocks = Clocks()
    begin = Stopwatch.on_train_start

    def start_clocks(stopwatch: Stopwatch, *args: Any) -> None:
        if not stopwatch.seconds:  # not of a later group of members
            clocks.seconds.clear()
        begin(stopwatch, *args)

    with ExitStack() as patched:
        patched.enter_context(patch.object(Stopwatch, "on_train_start", start_clocks))
        for part, functions in PARTS.items():
            for owner, function in functions:
                patched.enter_context(patch.object(owner, function.__name__, clocks.wrap(part, function)))
        total = run()
    seconds = {part: clocks.seconds[part] for part in PARTS}
    return seconds | {"Lightning": max(0.0, total - sum(seconds.values()))}
