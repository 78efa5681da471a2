"""Waiting for members that others have leased, until a lease on them is alone."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping

from seqprobe.interrupts import exit_if_signalled
from seqprobe.learning.recorder import Notice
from seqprobe.tracking.leases.posted_lease import LeaseBoard, PostedLease

LOOKS, LONGEST_LOOK = 10, 2.0
"""How often one who waits looks at the leases in the time of a lease; and the seconds between two looks at most."""
ELSEWHERE = "another machine is training some of these members: waiting until it ends"
IsDead = Callable[[Mapping[str, str]], bool]


def clock() -> float:
    """Seconds on a clock that also goes on while the machine is suspended, where there is one."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class Watch:
    """Looks at the leases of others, and removes those whose owners are dead.

    Args:
        is_dead: whether the process with these tags is known to have ended.
    """

    def __init__(self, board: LeaseBoard, posted: PostedLease, is_dead: IsDead) -> None:
        self._board, self._posted, self._is_dead = board, posted, is_dead
        self._seen: dict[str, tuple[int, float]] = {}
        self._last_look = -1e9
        self.replaced: list[Mapping[str, str]] = []

    def others(self) -> list[PostedLease]:
        """The leases of others on the same members that hold."""
        leases, now = self._board.leases(), clock()
        gap, self._last_look = now - self._last_look, now
        others = [posted for posted in leases if posted.token != self._posted.token]
        overlapping = [posted for posted in others if posted.overlaps(self._posted.seeds or ())]
        return [posted for posted in overlapping if not self._is_over(posted, now, gap)]

    def _is_over(self, posted: PostedLease, now: float, gap: float) -> bool:
        beat, since = self._seen.get(posted.token, (-1, now))
        if beat != posted.beat or gap > posted.seconds / 2:  # what happened meanwhile was not seen
            since = now
        self._seen[posted.token] = posted.beat, since
        if now - since < posted.seconds and not self._is_dead(posted.owner):
            return False
        self._board.remove(posted.token)
        self.replaced.append(posted.owner)
        return True


def acquire(board: LeaseBoard, posted: PostedLease, watch: Watch, notice: Notice | None) -> bool:
    """Post a lease until it is the only one on its members; false if it is not, and nobody wants to wait."""
    pause = min(posted.seconds / LOOKS, LONGEST_LOOK)
    spread, is_noticed = pause, False
    while True:
        try:
            board.post(posted)
            others = watch.others()
        except BaseException:
            board.remove(posted.token)
            raise
        if not others:
            return True
        board.remove(posted.token)
        if notice is None:
            return False
        if not is_noticed:
            notice(ELSEWHERE)
            is_noticed = True
        while is_held(board, watch):
            sleep(pause)
        sleep(random.uniform(0, spread))  # processes that leased at the same moment try again at different ones
        spread = min(2 * spread, 8 * pause)


def is_held(board: LeaseBoard, watch: Watch) -> bool:
    """Whether others hold some of the members, as far as is known: a board that is away may be back later."""
    try:
        return bool(watch.others())
    except Exception as problem:
        if not board.is_unavailable(problem):
            raise
        return True


def sleep(seconds: float) -> None:
    """Wait, unless a signal has come whose exit Python dropped."""
    exit_if_signalled()
    time.sleep(seconds)
