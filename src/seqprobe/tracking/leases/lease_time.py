"""How long a lease on members lasts."""

from __future__ import annotations

from seqprobe.checks import InvalidValue, number

LEASE_SECONDS, SHORTEST_LEASE = 60.0, 1.0
"""How long the heartbeat of a process may stand still until other machines take over what it trains: usually, and at
least (see `seqprobe.tracking.leases`)."""


def checked_lease(seconds: float) -> float:
    """The time of a lease.

    Raises:
        InvalidValue: it is too short.
    """
    if number("lease_seconds", seconds) < SHORTEST_LEASE:
        raise InvalidValue("lease_seconds", seconds, f"must be a number >= {SHORTEST_LEASE:g}")
    return float(seconds)
