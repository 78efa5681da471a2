"""What is measured of a population is what its store holds, and as few requests as are promised."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from servers import Server

from seqprobe.bench.population_costs import TABLES, PopulationCosts, population_row, table_rows, train
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stores.embedded import EmbeddedStore

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("server")]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "server", "seqprobe")
    server.start()
    try:
        yield server
    finally:
        server.kill()


def test_rows_and_requests_are_those_of_one_population(server: Server, tmp_path: Path) -> None:
    train(tmp_path, 4, 30)
    store = EmbeddedStore(str(tmp_path / "store"))
    held = [store.metric_values(run.run_id) for run in store.search(RunFilter())]
    row = population_row(PopulationCosts(4, [20, 30], server.uri), 4)
    assert {name: row[name] for name in TABLES} == table_rows(store.folder) | {"runs": 5}
    assert (len(held), row["metrics"]) == (5, sum(map(len, held)))
    with closing(sqlite3.connect(store.database)) as database:
        assert database.execute("select count(distinct run_uuid || key) from metrics").fetchone() == (
            row["latest_metrics"],
        )
    assert 13 + 2 <= int(row["requests"]) <= 13 + 2 + 3  # 2 make the experiment; records after 5, 15 and 35 seconds
    assert int(row["files"]) > 20
    assert 200 < float(row["memory_mib"]) < 2000
    assert float(row["processor"]) > float(row["imports"]) > 0
