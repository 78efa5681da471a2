"""What is measured of a population is what its store holds, and as few requests as are promised."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import Server

from seqprobe.bench.counted_requests import KINDS, OTHER
from seqprobe.bench.population_costs import make_store, store_sizes, train
from seqprobe.bench.population_requests import PopulationRequests, request_row
from seqprobe.failure import JobFailed
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


def test_rows_are_those_that_the_store_holds(tmp_path: Path) -> None:
    make_store(tmp_path / "store")
    before = store_sizes(tmp_path / "store")
    used = train(tmp_path, 4, 30)
    added = {name: size - before[name] for name, size in store_sizes(tmp_path / "store").items()}
    store = EmbeddedStore(str(tmp_path / "store"))
    runs = store.search(RunFilter())
    values = [store.metric_values(run.run_id) for run in runs]
    assert added["runs"] == len(runs) == 5
    assert added["metrics"] == sum(map(len, values))
    assert added["latest_metrics"] == sum(len({value.name for value in held}) for held in values)
    assert (added["params"], added["tags"]) == (
        sum(len(run.params) for run in runs),
        sum(len(run.tags) for run in runs),
    )
    assert added["files"] == sum(path.is_file() for path in store.artifacts.rglob("*")) > 20
    assert added["artifact_bytes"] > added["database_bytes"] > 10**5
    assert 200 < used["memory_mib"] < 2000
    assert used["processor"] > used["imports"] > 0


def test_requests_are_as_few_as_promised(server: Server) -> None:
    """The first population makes the experiment; records are sent at the end, and after 5, 15 and 35 seconds.

    The lease costs 4 requests, and one for every quarter of a minute.
    """
    row = {name: int(value) for name, value in request_row(PopulationRequests(server.uri, 4, known=1), 4).items()}
    assert (row["searches"], row["opening runs"], row["making the experiment"]) == (7, 1, 0)
    assert 4 <= row["lease"] <= 4 + row["seconds"] // 15
    assert 1 <= row["records"] <= 1 + 3
    assert row["reading"] <= 6
    assert row["requests"] == sum(row[kind] for kind in (*KINDS, OTHER))


def test_a_training_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(JobFailed, match="model=rnm"):
        train(tmp_path, 1, 20, "model=rnm")
