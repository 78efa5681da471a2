"""Leases: members belong to the process whose lease on them was alone, as long as its heartbeat goes on.

Nobody compares clocks of two machines. Who waits watches the heartbeat of the holder: if it stands still for the whole
time of the lease on the waiter's own clock, the lease is removed. Every lease has a name of its own, so nobody removes
another lease by mistake; and a holder whose lease is gone finds that out with its next heartbeat.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence

from seqprobe.learning.recorder import Notice
from seqprobe.tracking.leases.acquisition import IsDead, Watch, acquire, clock
from seqprobe.tracking.leases.posted_lease import LeaseBoard, PostedLease, new_lease

BEATS = 4
"""How often, in the time of a lease, the holder renews its lease."""
LAST_BEAT = 1.0
"""Seconds for which the end of a lease waits for a request about it that goes on."""


class LeaseLost(Exception):
    """Another process has taken over the members, since the heartbeat of this one stood still for too long.

    Attributes:
        is_workspace_lost: whether that process has this one's checkpoints, journal and runs, too.
    """

    def __init__(self, is_workspace_lost: bool) -> None:
        super().__init__("another process has taken over the training of these members")
        self.is_workspace_lost = is_workspace_lost


class Lease:
    """A lease that holds, and is renewed in a thread.

    Attributes:
        replaced: the owners of leases that had to be removed, whose heartbeat had ended.
        is_of_workspaces: whether those who see the lease share their workspaces.
        seconds: its time.
    """

    def __init__(self, board: LeaseBoard, posted: PostedLease, replaced: Sequence[Mapping[str, str]] = ()) -> None:
        self.replaced = replaced
        self.is_of_workspaces, self.seconds = board.is_of_workspaces, posted.seconds
        self._board, self._posted = board, posted
        self._renewed, self._is_lost, self._is_away = clock(), False, False
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)

    def start(self) -> None:
        """Begin to renew it."""
        self._thread.start()

    def check(self) -> None:
        """Make sure that the members are still this process's, without waiting for a server.

        In a folder of workspaces, the lease itself is read if the last beat is long ago.

        Raises:
            LeaseLost: they are not.
        """
        if self.is_of_workspaces:
            self.confirm(self.seconds / 2)
        elif self._is_lost:
            raise LeaseLost(self.is_of_workspaces)

    def confirm(self, age: float = 0.0) -> None:
        """Make sure by the lease itself, before what must not happen twice. A board that is away says nothing.

        Args:
            age: seconds since the last beat up to which that is enough.

        Raises:
            LeaseLost: the members are another process's.
        """
        if clock() - self._renewed >= age:
            try:
                self._renew()
            except Exception as problem:
                if not self._board.is_unavailable(problem):
                    raise
        if self._is_lost:
            raise LeaseLost(self.is_of_workspaces)

    def release(self) -> None:
        """End it; on a board that is away it ends by itself."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(LAST_BEAT)
        if not self._is_away:
            with contextlib.suppress(Exception):
                self._board.remove(self._posted.token)

    def _run(self) -> None:
        while not self._ended.wait(self._posted.seconds / BEATS):
            with contextlib.suppress(Exception):  # the next beat may succeed
                self._renew()

    def _renew(self) -> None:
        with self._lock:
            now, self._posted, self._is_away = clock(), self._posted.next_beat(), True
            if self._board.renew(self._posted):
                self._renewed = now
            else:
                self._is_lost = True
            self._is_away = False


@contextlib.contextmanager
def leased_members(
    board: LeaseBoard, seeds: Sequence[int], seconds: float, is_dead: IsDead, notice: Notice | None
) -> Iterator[Lease | None]:
    """Hold a lease on members; None if others have one on some of them.

    Args:
        seconds: the time of the lease.
        notice: called with a line of text if a lease has to be waited for; None does not wait.
    """
    posted = new_lease(seeds, seconds)
    watch = Watch(board, posted, is_dead)
    if not acquire(board, posted, watch, notice):
        yield None
        return
    lease = Lease(board, posted, watch.replaced)
    lease.start()
    try:
        yield lease
    finally:
        lease.release()
