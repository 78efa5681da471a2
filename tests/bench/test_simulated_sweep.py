"""Simulated sweeps with known answers: sums, queues that never empty, and the queue M/D/1."""

from __future__ import annotations

import random
import time

import pytest

from seqprobe.bench.simulated_sweep import Costs, Queue, simulate


def test_one_worker_takes_the_sum_of_all_times() -> None:
    costs = Costs(training=2.0, service=0.5, composing=0.1, dispatch=0.2, start=1.0, per_job=5)
    found = simulate(10, 1, costs, spread=0)
    assert found.seconds == pytest.approx(10 * (0.1 + 2.0 + 0.5) + 2 * (0.2 + 1.0))
    assert found.shares["workers"] == pytest.approx((10 * 2.0 + 2 * 1.0) / found.seconds)
    assert found.shares["composing"] == pytest.approx(1 / found.seconds)
    assert (found.bottleneck, found.store.longest, found.store.waited) == ("workers", 0, 0.0)


def test_two_workers_that_meet_at_the_store() -> None:
    """Both arrive at 1; one is served until 2, the other until 3; they arrive again at 3 and at 4."""
    found = simulate(4, 2, Costs(training=1.0, service=1.0), spread=0)
    assert (found.seconds, found.store.waited, found.store.longest_wait, found.store.longest) == (5.0, 1.0, 1.0, 1)
    assert found.shares["store"] == 4 / 5


@pytest.mark.parametrize(("servers", "expected"), [(1, 1000.0), (4, 250.0)])
def test_a_store_that_is_always_busy_decides_how_long_it_takes(servers: int, expected: float) -> None:
    found = simulate(1000, 64, Costs(training=2.0, service=1.0, servers=servers))
    assert found.seconds == pytest.approx(expected, abs=2.5)
    assert found.bottleneck == "store"
    assert found.store.longest == 64 - servers


def test_workers_without_a_queue_share_the_work() -> None:
    found = simulate(640, 64, Costs(training=3.0, service=0.0), spread=0)
    assert (found.seconds, found.shares["workers"]) == (pytest.approx(30.0), pytest.approx(1.0))


def test_a_slow_scheduler_and_a_slow_command_are_named() -> None:
    assert simulate(100, 50, Costs(training=1.0, service=0.0, dispatch=0.5)).bottleneck == "scheduler"
    assert simulate(100, 50, Costs(training=1.0, service=0.0, composing=0.5)).bottleneck == "composing"
    together = Costs(training=1.0, service=0.0, dispatch=0.5, per_job=10)
    assert simulate(100, 50, together, spread=0).seconds == pytest.approx(10 * 0.5 + 10 * 1.0)


def test_a_store_that_grows_becomes_slower() -> None:
    found = simulate(100, 1, Costs(training=0.0, service=1.0, growth=0.01), spread=0)
    assert found.seconds == pytest.approx(100 + 0.01 * 100 * 101 / 2)


def test_requests_that_come_by_chance_wait_as_in_the_queue_with_fixed_service() -> None:
    """M/D/1: the mean wait is load * service / (2 * (1 - load)) (Pollaczek and Khinchine, 1930 and 1932)."""
    generator, queue, now, count, load = random.Random(1), Queue([0.0]), 0.0, 200_000, 0.7
    for _ in range(count):
        now += generator.expovariate(load)
        queue.serve(now, 1.0)
    assert queue.waited / count == pytest.approx(load / (2 * (1 - load)), rel=0.03)
    assert queue.busy == count


def test_a_hundred_thousand_populations_take_seconds() -> None:
    start = time.process_time()
    first, second = (simulate(100_000, 100, Costs(training=20.0, service=0.1)) for _ in range(2))
    assert first.seconds == second.seconds == pytest.approx(100_000 * 20.1 / 100, rel=0.02)
    assert time.process_time() - start < 20
