"""Metric values read back alike, whether MLflow's own requests wrote them or one transaction did."""

from __future__ import annotations

import itertools
import math
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from seqprobe.tracking.stores import embedded, store
from seqprobe.tracking.stores.embedded import EmbeddedStore
from seqprobe.tracking.stores.metric_rows import (
    BATCH,
    Value,
    Values,
    has_expected_tables,
    insert_into_database,
    log_through_client,
)

NAN, INF, LARGEST = math.nan, math.inf, sys.float_info.max
NUMBERS = itertools.count()
WRITER = """
import sys
from pathlib import Path
from seqprobe.tracking.stores.metric_rows import Value, insert_into_database
database, run, name, writes, values = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
print("ready", flush=True)
sys.stdin.readline()
for first in range(0, writes * values, values):
    steps = range(first, first + values)
    insert_into_database(database, {run: [Value(name, float(step), 1000, step) for step in steps]})
"""


class Kept:
    """A store to write into, with a run for every name."""

    def __init__(self, folder: Path) -> None:
        self.store = EmbeddedStore(str(folder))
        self.client = self.store.client()
        self.experiment, self.runs = self.store.experiment_id("e"), dict[str, str]()

    def run(self, name: str) -> str:
        if name not in self.runs:
            self.runs[name] = self.client.create_run(self.experiment, run_name=name).info.run_id
        return self.runs[name]

    def named(self, values: Values) -> Values:
        """Values by run id, of values by a run's name."""
        return {self.run(name): found for name, found in values.items()}

    def latest(self, name: str) -> dict[str, float]:
        return dict(self.client.get_run(self.run(name)).data.metrics)

    def history(self, name: str, metric: str) -> list[tuple[int, int, str]]:
        """Step, time and value of every point, in their order; values as text, for NaN to equal NaN."""
        points = self.client.get_metric_history(self.run(name), metric)
        return sorted((point.step, point.timestamp, repr(point.value)) for point in points)


@pytest.fixture(scope="module")
def plainly(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Where MLflow's own requests write."""
    return Kept(tmp_path_factory.mktemp("plainly"))


@pytest.fixture(scope="module")
def quickly(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Where `insert_into_database` writes."""
    return Kept(tmp_path_factory.mktemp("quickly"))


@pytest.fixture
def run() -> str:
    """The name of a run that no other test uses."""
    return f"run {next(NUMBERS)}"


def at_steps(*values: float, first: int = 0, name: str = "val/loss") -> list[Value]:
    """Values of one metric at step after step, a millisecond apart."""
    return [Value(name, value, 1_700_000_000_000 + step, step) for step, value in enumerate(values, first)]


def written(kept: Kept, write: Callable[[Values], None], writes: Sequence[Values]) -> dict[str, object]:
    """What is read back of every run and metric after some writes."""
    for values in writes:
        write(kept.named(values))
    metrics = {(run, value.name) for values in writes for run, found in values.items() for value in found}
    latest = {run: {name: repr(value) for name, value in kept.latest(run).items()} for run, _ in metrics}
    return {"latest": latest, **{f"{run} {name}": kept.history(run, name) for run, name in metrics}}


def assert_alike(plainly: Kept, quickly: Kept, *writes: Values) -> None:
    expected = written(plainly, lambda values: log_through_client(plainly.client, values), writes)
    assert written(quickly, lambda values: insert_into_database(quickly.store.database, values), writes) == expected


CASES: Mapping[str, list[list[Value]]] = {
    "ordinary": [at_steps(1.0, 0.5, 0.25)],
    "negative": [at_steps(-1.0, -2.5)],
    "tiny and huge": [at_steps(5e-324, 1e308, -1e308)],
    "NaN": [at_steps(1.0, NAN)],
    "NaN before": [at_steps(NAN, 1.0)],
    "only NaN": [at_steps(NAN, NAN)],
    "infinity": [at_steps(1.0, INF)],
    "negative infinity": [at_steps(1.0, -INF)],
    "infinity before": [at_steps(INF, 2.0), at_steps(-INF, 3.0, first=2)],
    "steps out of order": [[Value("a", 5.0, 10, 5), Value("a", 9.0, 30, 9), Value("a", 7.0, 20, 7)]],
    "an earlier step later": [[Value("a", 9.0, 10, 9)], [Value("a", 1.0, 20, 1)]],
    "a negative step": [[Value("a", 1.0, 10, -3), Value("a", 2.0, 10, -2)]],
    "one step at two times": [[Value("a", 1.0, 20, 3), Value("a", 2.0, 10, 3)]],
    "one step at two times, written apart": [[Value("a", 1.0, 20, 3)], [Value("a", 2.0, 10, 3)]],
    "one step, one time, two values": [[Value("a", 2.0, 10, 3), Value("a", 1.0, 10, 3)]],
    "one step, one time, two values, written apart": [[Value("a", 2.0, 10, 3)], [Value("a", 1.0, 10, 3)]],
    "a greater value, written apart": [[Value("a", 1.0, 10, 3)], [Value("a", 2.0, 10, 3)]],
    "the same value twice": [[Value("a", 1.0, 10, 3)] * 2],
    "the same value twice, written apart": [[Value("a", 1.0, 10, 3)], [Value("a", 1.0, 10, 3)]],
    "NaN twice": [[Value("a", NAN, 10, 3)] * 2],
    "a second write that continues": [at_steps(3.0, 2.0), at_steps(1.0, NAN, first=2)],
    "NaN replaced": [[Value("a", NAN, 10, 3)], [Value("a", 4.0, 20, 4)]],
    "several metrics": [[*at_steps(1.0, 2.0, name="train/loss"), *at_steps(3.0, 4.0, name="probe/a/0.1/rmse")]],
    "more values than one request takes": [at_steps(*(float(step % 7) for step in range(2 * BATCH + 3)))],
    "nothing": [[]],
}


@pytest.mark.parametrize("writes", CASES.values(), ids=CASES.keys())
def test_both_ways_read_back_alike(plainly: Kept, quickly: Kept, run: str, writes: list[list[Value]]) -> None:
    assert_alike(plainly, quickly, *({run: values} for values in writes))


def test_many_runs_at_once_read_back_alike(plainly: Kept, quickly: Kept, run: str) -> None:
    first = {f"{run} {seed}": at_steps(seed + 0.5, NAN, -seed) for seed in range(5)}
    second = {f"{run} {seed}": at_steps(seed - 0.5, first=3, name="train/loss") for seed in (4, 2, 7)}
    assert_alike(plainly, quickly, first, second)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([Value("a", 7.0, 10, 5), Value("a", 1.0, 5, 9), Value("a", 8.0, 30, 7)], 1.0),
        ([Value("a", 1.0, 20, 3), Value("a", 2.0, 10, 3)], 1.0),
        ([Value("a", 2.0, 10, 3), Value("a", 1.0, 10, 3)], 2.0),
        ([Value("a", 2.0, 10, 3), Value("a", INF, 10, 4)], LARGEST),
        ([Value("a", 2.0, 10, 3), Value("a", -INF, 10, 4)], -LARGEST),
        ([Value("a", 2.0, 10, 3), Value("a", NAN, 10, 4)], NAN),
    ],
)
@pytest.mark.parametrize("apart", [False, True])
def test_the_latest_is_of_the_greatest_step_then_time_then_value(
    quickly: Kept, run: str, values: list[Value], expected: float, apart: bool
) -> None:
    for part in [[value] for value in values] if apart else [values]:
        insert_into_database(quickly.store.database, quickly.named({run: part}))
    assert quickly.latest(run) == pytest.approx({"a": expected}, nan_ok=True)


def test_a_value_that_is_there_already_is_kept_once(quickly: Kept, run: str) -> None:
    for _ in range(2):
        insert_into_database(quickly.store.database, quickly.named({run: at_steps(1.0, NAN)}))
    assert [step for step, _, _ in quickly.history(run, "val/loss")] == [0, 1]


def test_mlflow_goes_on_after_what_was_written(quickly: Kept, run: str) -> None:
    insert_into_database(quickly.store.database, quickly.named({run: at_steps(1.0, 2.0)}))
    quickly.client.log_metric(quickly.run(run), "val/loss", 3.0, step=2)
    quickly.client.log_metric(quickly.run(run), "val/loss", 0.5, step=0)
    assert quickly.latest(run) == {"val/loss": 3.0}
    assert [step for step, _, _ in quickly.history(run, "val/loss")] == [0, 0, 1, 2]


def test_runs_are_found_and_ordered_by_what_was_written(quickly: Kept, run: str) -> None:
    insert_into_database(
        quickly.store.database,
        quickly.named({f"{run} {seed}": at_steps(level, name=run) for seed, level in enumerate([0.3, 0.1, 0.2])}),
    )
    found = quickly.client.search_runs(
        [quickly.experiment], f"metrics.`{run}` < 0.25", order_by=[f"metrics.`{run}` DESC"]
    )
    assert [each.info.run_name for each in found] == [f"{run} 2", f"{run} 1"]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (Value("b", "text", 10, 2), TypeError),
        (Value("b", 1.0, 10, {}), sqlite3.Error),
        (Value(None, 1.0, 10, 2), sqlite3.Error),
    ],
)
def test_an_error_in_the_midst_leaves_nothing(quickly: Kept, run: str, wrong: Value, error: type[Exception]) -> None:
    other = f"{run} other"
    insert_into_database(quickly.store.database, quickly.named({run: at_steps(1.0)}))
    values = {other: at_steps(5.0), run: [*at_steps(2.0, first=1), wrong, *at_steps(3.0, first=2)]}
    with pytest.raises(error):
        insert_into_database(quickly.store.database, quickly.named(values))
    assert (quickly.latest(run), quickly.latest(other)) == ({"val/loss": 1.0}, {})
    assert [step for step, _, _ in quickly.history(run, "val/loss")] == [0]
    assert quickly.history(other, "val/loss") == []
    insert_into_database(quickly.store.database, quickly.named({run: at_steps(2.0, first=1)}))
    assert quickly.latest(run) == {"val/loss": 2.0}


def test_two_processes_at_once_lose_nothing(quickly: Kept, run: str) -> None:
    ours, writes, values = quickly.run(run), 25, 4
    calls = [("shared", ours), ("own", ours), ("shared", quickly.run(f"{run} other"))]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(quickly.store.database), to, name, str(writes), str(values)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name, to in calls
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    said = []
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        said.append(writer.communicate()[1])
    assert (said, [writer.returncode for writer in writers]) == ([""] * 3, [0] * 3)
    steps = list(range(writes * values))
    assert [step for step, _, _ in quickly.history(run, "shared")] == steps
    assert [step for step, _, _ in quickly.history(run, "own")] == steps
    assert [step for step, _, _ in quickly.history(f"{run} other", "shared")] == steps
    assert quickly.latest(run) == {"shared": steps[-1], "own": steps[-1]}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which of both ways an embedded store took."""
    ways: list[str] = []

    def direct(database: Path, values: Values) -> None:
        ways.append("database")
        insert_into_database(database, values)

    def requested(client: object, values: Values) -> None:
        ways.append("client")
        log_through_client(client, values)

    monkeypatch.setattr(embedded, "insert_into_database", direct)
    monkeypatch.setattr(store, "log_through_client", requested)
    return ways


def test_an_embedded_store_is_written_directly(quickly: Kept, run: str, asked: list[str]) -> None:
    quickly.store.log_metrics(quickly.client, quickly.named({run: at_steps(1.0, 2.0)}))
    assert (asked, quickly.latest(run)) == (["database"], {"val/loss": 2.0})


@pytest.mark.parametrize("table", ["metrics", "latest_metrics"])
def test_a_database_with_other_columns_is_left_to_mlflow(tmp_path: Path, asked: list[str], table: str) -> None:
    kept = Kept(tmp_path)
    assert has_expected_tables(kept.store.database)
    with closing(sqlite3.connect(kept.store.database)) as connection, connection:
        connection.execute(f"alter table {table} add column unit text")
    assert not has_expected_tables(kept.store.database)
    kept.store.log_metrics(kept.client, kept.named({"a": at_steps(1.0, NAN, 3.0), "b": at_steps(4.0)}))
    assert asked == ["client"]
    assert (kept.latest("a"), kept.latest("b")) == ({"val/loss": 3.0}, {"val/loss": 4.0})
    assert [step for step, _, _ in kept.history("a", "val/loss")] == [0, 1, 2]


def test_a_database_without_the_tables_is_not_as_expected(tmp_path: Path) -> None:
    assert not has_expected_tables(tmp_path / "empty.db")
