"""Simulated load tests and sweeps agree with those that docs/ keep, as far as docs/scaling.md says."""

from __future__ import annotations

import pytest

from seqprobe.bench.simulation_check import TOLERANCE, Compared, compared_loads, compared_sweeps

SHARED_CORES = "postgresql, 2 writers"
"""docs/scaling.md names it as what differs by more: writers, server and database shared two cores."""


def test_a_difference_is_a_share_of_what_was_measured() -> None:
    assert Compared("x", "s", measured=4.0, simulated=5.0).difference == 0.25


@pytest.mark.parametrize("store", ["sqlite", "server"])
def test_load_tests_are_simulated_as_they_were_measured(store: str) -> None:
    compared = list(compared_loads(store))
    assert {one.name.partition(",")[2] for one in compared} >= {" 1 writer", " 2 writers", " 4 writers", " 8 writers"}
    assert {one.name for one in compared if abs(one.difference) > TOLERANCE} <= {SHARED_CORES}
    assert all(abs(one.difference) < 0.6 for one in compared)
    assert sum(one.is_input for one in compared) == 2


def test_sweeps_are_simulated_as_they_were_measured() -> None:
    compared = list(compared_sweeps())
    assert "8 populations of 1 seed, 2 at a time" in {one.name for one in compared}
    assert {one.name: one.difference for one in compared if abs(one.difference) > TOLERANCE} == {}
