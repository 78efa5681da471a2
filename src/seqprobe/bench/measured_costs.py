"""What the measured figures in docs/scaling_*.csv say of a sweep: the costs that its simulation needs, and its sizes.

Between measured numbers of seeds or populations, and beyond them, costs are taken to grow linearly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seqprobe.bench.key_values import kept_rows
from seqprobe.bench.simulated_sweep import Costs
from seqprobe.checks import InvalidValue, choice, integer

STORES = ("sqlite", "server")
POOLS = ("processes", "ray", "slurm")
Rows = Sequence[Mapping[str, str]]


@dataclass
class Sweep:
    """A sweep to be simulated.

    Attributes:
        populations: how many.
        seeds: of each.
        updates: of each training.
        workers: how many populations train at a time.
        store: an embedded one (``sqlite``), or a ``server`` over PostgreSQL.
        servers: how many populations the server records at the same time.
        pool: the choice of ``hydra/launcher``.
        per_job: populations of a Slurm job.
        commands: how many commands it is divided into, which compose their requests at the same time.
        keep: whether docs/ keeps the result.
    """

    populations: int = 1000
    seeds: int = 5
    updates: int = 1000
    workers: int = 2
    store: str = "sqlite"
    servers: int = 1
    pool: str = "processes"
    per_job: int = 1
    commands: int = 1
    keep: bool = False

    def __post_init__(self) -> None:
        for key in ("populations", "seeds", "updates", "workers", "servers", "per_job", "commands"):
            integer(key, getattr(self, key))
        choice("store", self.store, STORES)
        choice("pool", self.pool, POOLS)
        if self.store == "sqlite" and self.servers > 1:
            raise InvalidValue("servers", self.servers, "must be 1 with store=sqlite: SQLite has one writer at a time")
        if self.pool == "processes" and self.commands > 1:
            raise InvalidValue("commands", self.commands, "must be 1 with pool=processes: one machine, one command")


def line_value(rows: Rows, by: str, column: str, x: float) -> float:
    """The value of a column at ``x`` of another, on straight lines through the measured points; never below 0."""
    points = sorted((float(row[by]), float(row[column])) for row in rows if row[column] != "")
    if len(points) == 1:
        return points[0][1]
    after = next((index for index, point in enumerate(points) if point[0] >= x), len(points) - 1)
    (left, low), (right, high) = points[max(after, 1) - 1], points[max(after, 1)]
    return max(0.0, low + (high - low) * (x - left) / (right - left))


def of_seeds(column: str, seeds: int) -> float:
    """A cost of a population by its number of seeds."""
    return line_value(kept_rows("populations"), "seeds", column, seeds)


def load_rows(store: str) -> Rows:
    """The load test of a store, fewest writers first."""
    rows = [row for row in kept_rows("load") if row["store"] == ("sqlite" if store == "sqlite" else "postgresql")]
    return sorted(rows, key=lambda row: int(row["writers"]))


def recording_costs(rows: Rows) -> tuple[float, float]:
    """Processor time of recording one population: its worker's own, and the store's.

    With SQLite the worker does the store's work; all of it counts as if no other could write meanwhile.
    """
    alone = float(rows[0]["processor_seconds"])
    server = [float(row["server_seconds"]) for row in rows if float(row["server_seconds"] or 0)]
    return (alone, max(server)) if server else (0.0, alone)


def training_seconds(sweep: Sweep) -> float:
    """Processor time of composing, training, probing and drawing a population, without imports and recording."""
    whole = of_seeds("processor", sweep.seeds) - of_seeds("imports", sweep.seeds) - of_seeds("recording", sweep.seeds)
    further = sweep.updates - of_seeds("updates", sweep.seeds)
    return max(0.0, whole + further * of_seeds("ms_per_update", sweep.seeds) / 1000)


def sweep_costs(sweep: Sweep) -> Costs:
    """The costs of a sweep, from measured figures."""
    rows, (dispatch, start) = load_rows(sweep.store), pool_costs(sweep.pool)
    times = of_seeds("recording", sweep.seeds) / of_seeds("recording", int(rows[0]["seeds"]))
    own, service = (times * seconds for seconds in recording_costs(rows))
    return Costs(
        training=training_seconds(sweep) + own,
        service=service,
        composing=compose_seconds() / sweep.commands,
        dispatch=dispatch,
        start=start,
        growth=growth(),
        servers=sweep.servers,
        per_job=sweep.per_job,
    )


def compose_seconds() -> float:
    """Processor time of a command for each request that it composes."""
    return min(float(row["compose_seconds"]) for row in kept_rows("pools"))


def pool_costs(pool: str) -> tuple[float, float]:
    """Seconds that the scheduler is busy with a job, and that a worker takes to start it.

    A worker process of Ray goes on to the next request, so all that a request takes counts as the scheduler's. A Slurm
    job imports everything once. A local process builds its request, which is part of the training's time already.
    """
    rows = sorted((row for row in kept_rows("pools") if row["pool"] == pool), key=lambda row: int(row["requests"]))
    if pool == "slurm":
        return float(rows[-1]["submit_seconds"]) / int(rows[-1]["requests"]), of_seeds("imports", 1)
    job = job_seconds(rows[-1])
    return (job, 0.0) if pool == "ray" else (0.0, max(0.0, job - compose_seconds()))


def job_seconds(row: Mapping[str, str]) -> float:
    """Seconds that a worker spends on a trivial job, once the first one has started."""
    after_first = float(row["seconds"]) - float(row["first_seconds"])
    return after_first * int(row["at_a_time"]) / max(1, int(row["requests"]) - 1)


def growth() -> float:
    """By how much of its time alone recording takes longer with each population in the store."""
    rows = kept_rows("stores")
    first, last = (choose(rows, key=lambda row: int(row["populations"])) for choose in (min, max))
    longer = float(last["recording_seconds"]) / float(first["recording_seconds"]) - 1
    return max(0.0, longer / (int(last["populations"]) - int(first["populations"])))


def sweep_sizes(sweep: Sweep) -> dict[str, float]:
    """Rows, requests, GiB of the database and of the artifacts, of memory of all workers and of the largest command."""
    rows = sum(of_seeds(table, sweep.seeds) for table in ("runs", "metrics", "latest_metrics", "params", "tags"))
    kib = max(float(row["compose_kib"]) for row in kept_rows("pools"))
    new = [row for row in kept_rows("requests") if row["known"] == "0"]
    requests = line_value(new, "seeds", "requests", sweep.seeds) if sweep.store == "server" else 0.0
    return {
        "rows": sweep.populations * rows,
        "requests": sweep.populations * requests,
        "database GiB": sweep.populations * of_seeds("database_bytes", sweep.seeds) / 2**30,
        "artifacts GiB": sweep.populations * of_seeds("artifact_bytes", sweep.seeds) / 2**30,
        "workers' memory GiB": sweep.workers * of_seeds("memory_mib", sweep.seeds) / 2**10,
        "a command's memory GiB": sweep.populations / sweep.commands * kib / 2**20,
    }
