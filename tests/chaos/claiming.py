"""A process that locks members until it receives a message."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

from seqprobe.run.member_locks import locked_members


def hold(work: Path, seeds: list[int], answers: Connection) -> None:
    """Lock members until a message arrives."""
    with locked_members(work, "t", seeds, answers.send) as free:
        answers.send(free)
        answers.recv()
