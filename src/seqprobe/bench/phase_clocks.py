"""The phases of a command, timed in its own processes: `python -m seqprobe.bench.phase_clocks FOLDER COMMAND …`.

Seconds are those of the processor, for processes share it. Every process writes a file into FOLDER.
"""

from __future__ import annotations

import builtins
import importlib
import json
import os
import pkgutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from seqprobe.bench.clocks import Clocks

if TYPE_CHECKING:
    from seqprobe.config.compose import Composition

RECORDER = "seqprobe.tracking.mlflow_recorder:MLflowRecorder"
RECORDED = (
    *("params", "levels", "metrics", "scores", "outcomes", "members"),
    *("figure", "snapshot", "animation", "table", "text", "note"),
)
PHASES: dict[str, Sequence[str]] = {
    "imports": ("builtins:__import__", "importlib:import_module"),
    "composing": (
        "seqprobe.run.request:compose",
        "seqprobe.run.request:compose_all",
        "seqprobe.run.worker:build_request",
        "seqprobe.commands.sweep:list_runs",
    ),
    "engine timing": ("seqprobe.learning.plan:choose_engine",),
    "training": ("seqprobe.run.job:fit",),
    "probing": ("seqprobe.evaluation.evaluate:probe_results", "seqprobe.evaluation.evaluate:record_probes"),
    "drawing": (
        "seqprobe.evaluation.evaluate:draw_probe",
        "seqprobe.evaluation.evaluate:draw_outcome",
        "seqprobe.evaluation.emergence:draw_snapshot",
        *(f"seqprobe.tracking.artifacts:{name}" for name in ("rendered", "png_file", "image_files", "step_images")),
    ),
    "recording": (
        *(f"{RECORDER}.{name}" for name in ("__enter__", "__exit__", "flush")),
        *(f"{RECORDER}.record_{name}" for name in RECORDED),
        "seqprobe.run.finished_requests:finished_population",
        "seqprobe.run.job:reusable_members",
        "seqprobe.run.recovery:recover",
        "seqprobe.run.pool:recover",
        "seqprobe.run.pool:Store.experiment_id",
    ),
    "comparing": ("seqprobe.commands.sweep_summary:print_closing",),
}
"""What is timed; a phase does not count what it calls of another. The rest is ``other``."""
OTHER = "other"


def main(arguments: Sequence[str]) -> int:
    """Run a command with clocks; returns its exit code."""
    folder, command, *overrides = arguments
    clocks = Clocks(time.process_time)
    clocks.seconds["imports"] = time.process_time()  # Python's own start
    with timed_phases(clocks), patched_jobs(Path(folder), command), clocks.running(OTHER):
        entry = importlib.import_module("seqprobe.run.entry")
        called = pkgutil.resolve_name(f"seqprobe.commands.{command}:{command}")
        code = entry.run_command(called, overrides)
    write_seconds(Path(folder) / "command", clocks.seconds)
    return int(code)


@contextmanager
def timed_phases(clocks: Clocks) -> Iterator[None]:
    """Put clocks around the functions of all phases that are loaded, and of those whose modules are loaded later."""
    with ExitStack() as patched:
        importing = Importing(clocks, patched)
        patched.enter_context(patch.object(builtins, "__import__", importing.wrap(builtins.__import__)))
        patched.enter_context(patch.object(importlib, "import_module", importing.wrap(importlib.import_module)))
        importing.put_clocks()
        yield


class Importing:
    """Times imports, and puts clocks around what they load."""

    def __init__(self, clocks: Clocks, patched: ExitStack) -> None:
        self.clocks, self.patched = clocks, patched
        self.waiting = {place: phase for phase, places in PHASES.items() if phase != "imports" for place in places}
        self.depth = 0

    def wrap(self, function: Any) -> Any:
        """An import function that is timed where it loads something."""

        def timed_import(*args: Any, **kwargs: Any) -> Any:
            self.depth += 1
            loaded = len(sys.modules)
            try:
                with self.clocks.running("imports"):
                    return function(*args, **kwargs)
            finally:
                self.depth -= 1
                if not self.depth and len(sys.modules) > loaded:
                    self.put_clocks()

        return timed_import

    def put_clocks(self) -> None:
        """Put clocks around the functions whose modules are loaded by now."""
        for place in [place for place in self.waiting if place.partition(":")[0] in sys.modules]:
            owner_name, _, name = place.replace(":", ".").rpartition(".")
            owner = pkgutil.resolve_name(place.rpartition(".")[0] if "." in place.partition(":")[2] else owner_name)
            timed = self.clocks.wrap(self.waiting.pop(place), getattr(owner, name))
            self.patched.enter_context(patch.object(owner, name, timed))


@contextmanager
def patched_jobs(folder: Path, command: str) -> Iterator[None]:
    """Let the jobs of a sweep run with clocks, too."""
    if command != "sweep":
        yield
        return
    from seqprobe.run import worker

    with patch.object(worker, "run_in_process", partial(run_timed, str(folder))):
        yield


def run_timed(folder: str, composition: Composition, messages: Connection) -> None:
    """What a job's process does, with clocks; their seconds are in a file before its parent hears that it is done."""
    from seqprobe.run.worker import run_in_process

    clocks = Clocks(time.process_time)
    with timed_phases(clocks), clocks.running(OTHER):
        run_in_process(composition, messages)
    write_seconds(Path(folder) / f"job-{os.getpid()}", clocks.seconds)
    write_seconds(Path(folder) / f"server-{os.getppid()}", {"imports": processor_seconds(os.getppid())})


def processor_seconds(pid: int) -> float:
    """The processor time of another process so far."""
    import psutil

    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def write_seconds(file: Path, seconds: Mapping[str, float]) -> None:
    """Keep a process's seconds by phase."""
    file.write_text(json.dumps(seconds))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
