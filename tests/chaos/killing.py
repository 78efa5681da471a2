"""Processes that kill themselves at a chosen moment: before, inside or after any call that seqprobe's own code makes.

A moment is counted in calls: those of seqprobe's functions, and those of functions written in C that they call, as
write, fsync or replace. So a kill can hit between any two steps of a checkpoint, of a flush or of a figure's logging.
"""

from __future__ import annotations

import inspect
import multiprocessing
import os
import random
import resource
import signal
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any

import seqprobe
from seqprobe.evaluation.evaluate import probe_results
from seqprobe.learning.checkpoint import Checkpoints
from seqprobe.learning.fit import fit
from seqprobe.tracking.journal.delivery import Delivery
from seqprobe.tracking.mlflow_recorder import MLflowRecorder
from seqprobe.tracking.stores.store import Store

PACKAGE = str(Path(seqprobe.__file__).parent)
PARTS = {
    "checkpoint": Checkpoints.save,
    "flush": MLflowRecorder.flush,
    "figure": MLflowRecorder.record_figure,
    "opening": MLflowRecorder.__enter__,
    "probing": probe_results,
    "members": MLflowRecorder.record_members,
    "end": MLflowRecorder.__exit__,
    "training": fit,
    "delivery": Delivery.deliver,
}
"""Stretches of a run, by the function that they are inside of."""
CODES = {inspect.unwrap(function).__code__: part for part, function in PARTS.items()}


class Counting:
    """A profile function that counts calls, by the parts that they are inside of, and acts on one of them.

    Args:
        part: which calls count for ``at``; None: all.
        at: the number of the call at which ``act`` is called; None never.
    """

    def __init__(self, part: str | None = None, at: int | None = None, act: Callable[[], None] = lambda: None) -> None:
        self.part, self.at, self.act = part, at, act
        self.counts: Counter[str | None] = Counter()
        self.inside: defaultdict[int, list[tuple[str, FrameType]]] = defaultdict(list)

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return
        inside = self.inside[threading.get_ident()]
        if event == "return" and inside and inside[-1][1] is frame:
            inside.pop()
        if event not in ("call", "c_call"):
            return
        if event == "call" and frame.f_code in CODES:
            inside.append((CODES[frame.f_code], frame))
        for part in {None, *(name for name, _ in inside)}:
            self.counts[part] += 1
            if part == self.part and self.counts[part] == self.at:
                self.act()


def kill() -> None:
    """As `kill -9`, or a machine that is switched off."""
    os.kill(os.getpid(), signal.SIGKILL)


def fill_disk() -> None:
    """From now on no file can grow or be written, as on a full disk: the system refuses it with an error."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def terminate() -> None:
    """As a batch system that ends its jobs."""
    os.kill(os.getpid(), signal.SIGTERM)


ACTS: dict[str, Callable[[], None]] = {"kill": kill, "full disk": fill_disk, "SIGTERM": terminate}
"""What can happen at a chosen moment."""
LONGEST = 900
"""Seconds after which a training counts as hanging."""
HANGS = -1000


def run(
    overrides: Sequence[str], part: str | None, at: int | None, act: str, in_thread: bool, answers: Connection
) -> None:
    """Run pipelines/train.py's function, and answer with its exit code and how many calls there were in each part."""
    from seqprobe.commands.train import train
    from seqprobe.run.entry import run_command

    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 1)
    os.dup2(devnull, 2)
    if in_thread:
        Store.is_remote = property(lambda store: True)  # type: ignore[assignment, method-assign]  # for this process
    counting = Counting(part, at, ACTS[act])
    threading.setprofile(counting)
    sys.setprofile(counting)
    try:
        code = run_command(train, list(overrides))
    except SystemExit as end:
        code = int(end.code or 0)
    sys.setprofile(None)
    threading.setprofile(None)
    answers.send((code, dict(counting.counts)))


def in_a_process(
    overrides: Sequence[str],
    part: str | None = None,
    at: int | None = None,
    act: str = "kill",
    in_thread: bool = False,
) -> tuple[int, dict[str | None, int]]:
    """The exit code of a training in a process of its own, -9 if it killed itself, and how many calls it made.

    Args:
        in_thread: deliver the records in a thread, as to a server.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["seqprobe.run.worker"])
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=run, args=(overrides, part, at, act, in_thread, sender))
    process.start()
    sender.close()
    process.join(LONGEST)
    if process.is_alive():
        process.kill()
        process.join()
        return HANGS, {}
    try:
        return receiver.recv()
    except EOFError:
        return process.exitcode or 0, {}
    finally:
        receiver.close()


def moments(counts: dict[str | None, int], drawn: random.Random, number: int) -> list[tuple[str | None, int]]:
    """Moments to kill at: in every part in turn, and every third time anywhere."""
    parts = sorted(part for part in counts if part is not None)
    chosen: list[tuple[str | None, int]] = []
    for index in range(number):
        part = None if index % 3 == 2 else parts[(index - index // 3) % len(parts)]
        chosen.append((part, drawn.randint(1, counts[part])))
    return chosen
