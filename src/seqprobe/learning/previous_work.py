"""What a training need not do again: what an interrupted one has done, and members that others have trained."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from seqprobe.learning.archive import Archive
from seqprobe.learning.checkpoint import Checkpoints
from seqprobe.learning.plan import Plan


@dataclass(frozen=True)
class PreviousWork:
    """What can be reused: checkpoints of this training, and members of finished ones.

    Attributes:
        checkpoints: of the same population, whose training was interrupted.
        members: archives of members that other populations trained to the end, by seed.
        plan: of the interrupted training; None if there was none or it cannot be resumed.
    """

    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    members: Mapping[int, Archive] = field(default_factory=dict)
    plan: Plan | None = None

    @classmethod
    def load(
        cls, checkpoints: Checkpoints, seeds: Sequence[int], members: Mapping[int, Archive] | None = None
    ) -> PreviousWork:
        """The checkpoints with the plan that is saved among them."""
        return cls(checkpoints, members or {}, load_plan(checkpoints, seeds, members or {}))


def load_plan(checkpoints: Checkpoints, seeds: Sequence[int], known: Container[int]) -> Plan | None:
    """The plan of an interrupted training, or None if a reused member is no longer in the store (``known``)."""
    state = checkpoints.load("plan")
    if state is None:
        return None
    plan = Plan(**state)
    trained = {seed for group in plan.groups for seed in group}
    return plan if all(seed in trained or seed in known for seed in seeds) else None
