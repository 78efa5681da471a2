"""A process that locks members until it receives a message."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path

from seqprobe.run.member_locks import locked_members


def hold(work: Path, seeds: list[int], answers: Connection) -> None:
    """Lock members until a message arrives."""
    with locked_members(work, "t", seeds, answers.send) as free:
        answers.send(free)
        answers.recv()


CONTEXT = multiprocessing.get_context("spawn")


class Other:
    """Another process that claims members."""

    def __init__(self, work: Path, seeds: list[int]) -> None:
        self.ours, theirs = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=hold, args=(work, seeds, theirs))
        self.process.start()

    def __enter__(self) -> Other:
        return self

    def __exit__(self, *args: object) -> None:
        self.process.kill()
        self.process.join()
