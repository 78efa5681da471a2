"""A process that claims members and keeps them until it is told to let go."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path

from seqprobe.run.member_locks import locked_members


def hold(work: Path, seeds: list[int], answers: Connection) -> None:
    """Claim members until told to let go."""
    with locked_members(work, "t", seeds, answers.send) as free:
        answers.send(free)
        answers.recv()
