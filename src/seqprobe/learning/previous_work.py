"""What a training need not do again: what an interrupted one has done, and members that others have trained."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from seqprobe.learning.archive import Archive
from seqprobe.learning.checkpoint import CheckpointError, Checkpoints, State
from seqprobe.learning.plan import Plan
from seqprobe.models.engines import ENGINES

PLAN = "plan"
"""The name of the plan's checkpoint."""


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
    """The plan of an interrupted training, or None if a reused member is no longer in the store (``known``).

    If its own checkpoint is damaged, it is read from that of a group of members, which has it as well.
    """
    plan = checkpoints.load(PLAN, lambda state: checked_plan(state, seeds), "the plan is read from other checkpoints")
    for name in [] if plan else checkpoints.names():
        plan = plan or checkpoints.load(name, lambda state: checked_plan(state["plan"], seeds))
    if plan is None:
        return None
    trained = {seed for group in plan.groups for seed in group}
    return plan if all(seed in trained or seed in known for seed in seeds) else None


def checked_plan(state: State, seeds: Sequence[int]) -> Plan:
    """The plan that a checkpoint holds.

    Raises:
        CheckpointError, TypeError: it is of other seeds, or no plan.
    """
    plan = Plan(**state)
    trained = [seed for group in plan.groups for seed in group]
    if plan.engine not in ENGINES or type(plan.at_once) is not int or plan.at_once < 1:
        raise CheckpointError("it contains no plan")
    if len(set(trained)) < len(trained) or not set(trained) <= set(seeds) or not all(plan.groups):
        raise CheckpointError("it is of other seeds")
    return plan
