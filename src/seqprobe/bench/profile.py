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
from seqprobe.learning import callbacks, data, module
from seqprobe.models import Population
from seqprobe.tracking.mlflow_recorder import MLflowRecorder

PARTS: dict[str, list[tuple[type, str]]] = {
    "forward and backward": [(Population, "backward")],
    "optimizer and checks": [(module.PopulationModule, "update")],
    "minibatches": [(data.PopulationData, "minibatches")],
    "validation": [
        (module.PopulationModule, "validation_step"),
        (callbacks.BestWeights, "after_validation"),
        (callbacks.Frames, "after_validation"),
    ],
    "recording": [(callbacks.Recording, "tell"), (MLflowRecorder, "flush")],
}
"""What is timed; what no clock saw is Lightning's."""


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
            whole = time.perf_counter() - start
            self.seconds[part] += whole - self._inner.pop()
            if self._inner:
                self._inner[-1] += whole

    def around(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed; of a generator each step is."""

        @functools.wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.running(part):
                result = function(*args, **kwargs)
            return self.steps(part, result) if isinstance(result, Iterator) else result

        return timed

    def steps(self, part: str, items: Iterator[Any]) -> Iterator[Any]:
        """The items, timed while each is made."""
        while True:
            with self.running(part):
                try:
                    item = next(items)
                except StopIteration:
                    return
            yield item


def shares(run: Callable[[], float]) -> dict[str, float]:
    """Seconds by part of what a `Stopwatch` times in ``run``, which returns them in all; the rest is Lightning's."""
    clocks = Clocks()
    begin = Stopwatch.on_train_start

    def started(stopwatch: Stopwatch, *args: Any) -> None:
        if not stopwatch.seconds:  # not of a later group of members
            clocks.seconds.clear()
        begin(stopwatch, *args)

    with ExitStack() as patched:
        patched.enter_context(patch.object(Stopwatch, "on_train_start", started))
        for part, functions in PARTS.items():
            for owner, name in functions:
                patched.enter_context(patch.object(owner, name, clocks.around(part, getattr(owner, name))))
        whole = run()
    found = {part: clocks.seconds[part] for part in PARTS}
    return found | {"Lightning": max(0.0, whole - sum(found.values()))}
