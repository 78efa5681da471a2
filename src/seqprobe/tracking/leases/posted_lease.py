"""A lease on members, and what keeps the leases of one training where all machines see them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Protocol

from seqprobe.tracking.process_identity import process_tags

BEAT_DIGITS = 12
"""The heartbeat is written with zeros in front: a file that is overwritten keeps its length."""


@dataclass(frozen=True)
class PostedLease:
    """What a process states of the members that it trains.

    Attributes:
        token: its unique name.
        seeds: the members; None if it cannot be read, and may be on any.
        seconds: how long its heartbeat may stand still until others take the members over.
        owner: tags that identify the process (`seqprobe.tracking.process_identity`).
        beat: counts up while the process lives.
    """

    token: str
    seeds: frozenset[int] | None
    seconds: float
    owner: Mapping[str, str]
    beat: int = 0

    def overlaps(self, seeds: Iterable[int]) -> bool:
        """Whether it is on one of the members."""
        return self.seeds is None or not self.seeds.isdisjoint(seeds)

    def next_beat(self) -> PostedLease:
        """The lease with the heartbeat after this one."""
        return replace(self, beat=self.beat + 1)

    def to_text(self) -> str:
        """The lease as JSON, of the same length for every beat."""
        content = {
            "seeds": ranges(self.seeds or ()),
            "seconds": self.seconds,
            "owner": dict(self.owner),
            "beat": f"{self.beat:0{BEAT_DIGITS}}",
        }
        return json.dumps(content)

    @classmethod
    def from_text(cls, token: str, text: str, seconds: float) -> PostedLease:
        """The lease that a text states; one that cannot be read is on all members, for ``seconds``."""
        try:
            content = json.loads(text)
            seeds = frozenset(numbers(content["seeds"]))
            return cls(token, seeds, float(content["seconds"]), dict(content["owner"]), int(content["beat"]))
        except (ValueError, KeyError, TypeError):
            return cls(token, None, seconds, {}, 0)


def new_lease(seeds: Sequence[int], seconds: float) -> PostedLease:
    """A lease of this process."""
    return PostedLease(uuid.uuid4().hex, frozenset(seeds), seconds, process_tags())


def ranges(seeds: Iterable[int]) -> str:
    """Numbers as text, those that follow each other as a range: ``0-7 12``."""
    ordered = sorted(seeds)
    starts = [ordered[0], *(after for before, after in pairwise(ordered) if after != before + 1)] if ordered else []
    ends = [*(before for before, after in pairwise(ordered) if after != before + 1), *ordered[-1:]]
    return " ".join(f"{start}-{end}" if end > start else f"{start}" for start, end in zip(starts, ends, strict=True))


def numbers(text: str) -> Iterator[int]:
    """The numbers of `ranges`."""
    for part in text.split():
        start, _, end = part.partition("-")
        yield from range(int(start), int(end or start) + 1)


class LeaseBoard(Protocol):
    """Where the leases on members of one training are.

    Whoever posts a lease and then reads all leases sees every one that was posted before: of two processes that lease
    a member at the same time, at least one sees the other.

    Attributes:
        is_of_workspaces: whether those who see it share their workspaces.
    """

    is_of_workspaces: bool

    def post(self, posted: PostedLease) -> None:
        """Let others see a lease."""

    def leases(self) -> list[PostedLease]:
        """All leases on members of the training."""

    def renew(self, posted: PostedLease) -> bool:
        """Replace a lease by one with another beat; false if somebody has removed it."""

    def remove(self, token: str) -> None:
        """Take a lease away, if it is there."""

    def is_unavailable(self, problem: Any) -> bool:
        """Whether an error means that the board cannot be reached now, but may be later."""
