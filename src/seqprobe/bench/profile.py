"""Where the time of a training goes: every part's own seconds, by clocks around the functions that do it."""

from __future__ import annotations

import functools
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

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


class Clocks:
    """Seconds by part; a part that calls another does not count the other's."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._inner: list[float] = []

    @contextmanager
    def running(self, part: str) -> Iterator[None]:
        """Count for ``part`` until the end of the block."""
        start = time.perf_counter()
        self._inner.append(0.0)
        try:
            yield
        finally:
            elapsed = time.perf_counter() - start
            self.seconds[part] += elapsed - self._inner.pop()
            if self._inner:
                self._inner[-1] += elapsed

    def wrap(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function with its calls timed; if it is a generator, with each of its steps timed."""

        @functools.wraps(function)
        def timed_call(*args: Any, **kwargs: Any) -> Any:
            with self.running(part):
                result = function(*args, **kwargs)
            return self.wrap_steps(part, result) if isinstance(result, Iterator) else result

        return timed_call

    def wrap_steps(self, part: str, items: Iterator[Any]) -> Iterator[Any]:
        """The items of a generator, with the making of each timed."""
        while True:
            with self.running(part):
                try:
                    item = next(items)
                except StopIteration:
                    return
            yield item


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
