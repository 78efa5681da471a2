"""A simulation of a sweep by discrete events: workers train, a scheduler hands out jobs, a store takes their records.

A worker asks the scheduler for a job, starts it, trains its populations, and waits after each until the store has
recorded it. The scheduler serves one request at a time, the store as many as it has servers, both in the order of
arrival. Hence a queue needs no list: a request that arrives at time t begins at max(t, when the next server is free).
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from dataclasses import dataclass, field

SPREAD = 0.2
"""Trainings take this much more or less than the mean, uniformly: workers that begin together get out of step."""


@dataclass(frozen=True)
class Costs:
    """Seconds that one population or one job takes.

    Attributes:
        composing: of the command, for each population before any starts.
        dispatch: of the scheduler, for each job.
        start: of a worker, for each job: its process and its imports.
        training: of a worker, for each population, with everything but the store's part of recording.
        service: of a server of the store, for each population.
        growth: by how much of ``service`` it takes longer with each population in the store.
        servers: how many populations the store records at the same time.
        per_job: populations of a job.
    """

    training: float
    service: float
    composing: float = 0.0
    dispatch: float = 0.0
    start: float = 0.0
    growth: float = 0.0
    servers: int = 1
    per_job: int = 1


@dataclass
class Queue:
    """Servers that take requests in the order of arrival.

    Attributes:
        free: when each server is free.
        busy: seconds of work so far.
        waited: seconds that all requests have waited, and the longest of them.
        longest: the most requests that have waited at once.
    """

    free: list[float]
    busy: float = 0.0
    waited: float = 0.0
    longest_wait: float = 0.0
    longest: int = 0
    begins: deque[float] = field(default_factory=deque)

    def serve(self, arrival: float, seconds: float) -> float:
        """The end of a request; arrivals must not decrease from call to call."""
        begin = max(arrival, self.free[0])
        heapq.heapreplace(self.free, begin + seconds)
        self.busy += seconds
        self.waited += begin - arrival
        self.longest_wait = max(self.longest_wait, begin - arrival)
        while self.begins and self.begins[0] <= arrival:
            self.begins.popleft()
        if begin > arrival:
            self.begins.append(begin)
        self.longest = max(self.longest, len(self.begins))
        return begin + seconds


@dataclass(frozen=True)
class Simulated:
    """What a simulation found.

    Attributes:
        seconds: until the last population is recorded.
        shares: of that time, how much of it each part is busy.
        store: the queue in front of the store.
    """

    seconds: float
    shares: dict[str, float]
    store: Queue

    @property
    def bottleneck(self) -> str:
        """The part that is busy most of the time."""
        return max(self.shares, key=lambda part: self.shares[part])


def simulate(populations: int, workers: int, costs: Costs, spread: float = SPREAD) -> Simulated:
    """Simulate a sweep; the same arguments give the same result."""
    generator = random.Random(0)
    scheduler, store = Queue([0.0]), Queue([0.0] * costs.servers)
    begin, end, worked = populations * costs.composing, 0.0, 0.0
    # (time, worker, what is left of its job, whether it arrives at the store)
    events = [(begin, worker, 0, False) for worker in range(workers)]
    handed_out, recorded = 0, 0
    while events:
        now, worker, left, is_trained = heapq.heappop(events)
        if is_trained:
            recorded += 1
            end = store.serve(now, costs.service * (1 + costs.growth * recorded))
            heapq.heappush(events, (end, worker, left, False))
            continue
        ready = now
        if not left:
            left = min(costs.per_job, populations - handed_out)
            if not left:
                continue
            handed_out += left
            ready = scheduler.serve(now, costs.dispatch) + costs.start
            worked += costs.start
        seconds = costs.training * generator.uniform(1 - spread, 1 + spread)
        worked += seconds
        heapq.heappush(events, (ready + seconds, worker, left - 1, True))
    total = max([end, *store.free])
    shares = {
        "workers": worked / (workers * total),
        "store": store.busy / (costs.servers * total),
        "scheduler": scheduler.busy / total,
        "composing": begin / total,
    }
    return Simulated(total, shares, store)
