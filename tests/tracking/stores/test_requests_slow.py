"""How many requests a population costs a server, and copying a store to a server and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import blank_picture
from proxy import Proxy
from scripts import run_script
from servers import Server

from seqprobe.run.job import run_job
from seqprobe.run.recovery import recover
from seqprobe.run.request import compose
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stores.embedded import EmbeddedStore
from seqprobe.tracking.stores.server import ServerStore

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("server")]
TRAINING = ["task=line_xy", "model=rnn", "model.hidden_size=3", "engine=stacked", "trainer.max_steps=40"]
TRAINING += ["tracking.lease_seconds=3600"]  # without heartbeats, however long it takes
FIXED = {
    "experiments/search": 3,  # to see that it is a server, and the list before and after the members are leased
    "runs/search": 4,  # runs of dead processes, the population, its members, and those of earlier versions
    "registered-models/create": 1,
    "registered-models/search": 1,
    "registered-models/set-tag": 1,
    "registered-models/delete": 1,
    "/seqprobe/runs": 1,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("shared") / "server", "seqprobe")
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    proxy = Proxy(server.address)
    yield proxy
    proxy.close()


def train(uri: str, folder: Path, *overrides: str) -> None:
    """What train.py does, in this process."""
    request = compose([*TRAINING, *overrides, "tracking=server", f"tracking.uri={uri}", f"tracking.dir={folder}"])
    recover(request.store, request.workspace.work, print)
    run_job(request)


def counted(proxy: Proxy) -> Counter[str]:
    """How often each endpoint was called."""
    return Counter(path.removeprefix("/api/2.0/mlflow/") for _, path in proxy.requests)


def test_a_population_costs_few_requests_however_many_metrics_it_has(
    proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqprobe.tracking.artifacts.rendered", blank_picture)
    train(proxy.uri, tmp_path, "seeds=[9]")  # makes the experiment
    for seeds, log_every, delay in (("[0]", 10, 0.0), ("[1,2,3]", 1, 0.02)):
        proxy.requests.clear()
        proxy.delay = delay
        train(proxy.uri, tmp_path, f"seeds={seeds}", f"trainer.log_every={log_every}", f"trainer.val_every={log_every}")
        calls, count = counted(proxy), len(seeds) // 2
        archives = calls.pop("/seqprobe/records")
        assert 1 <= archives <= 4, "one at the end, others after 5, 15 and 35 s"
        assert calls == FIXED
        assert sum(FIXED.values()) + archives <= 10 + 6 * count


def test_a_store_that_was_copied_to_a_server_and_back_is_the_same(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqprobe.tracking.artifacts.rendered", blank_picture)
    original, copy = EmbeddedStore(str(tmp_path / "original")), EmbeddedStore(str(tmp_path / "copy"))
    run_job(compose([*TRAINING, "seeds=2", "~task.probes", f"tracking.dir={original.folder}"]))
    before = original.search(RunFilter())
    capsys.readouterr()
    lines = []
    elsewhere = len(ServerStore(server.uri).search(RunFilter()))
    for source, target in (
        (original.folder, server.uri),
        (original.folder, server.uri),
        (server.uri, copy.folder),
        (server.uri, original.folder),
    ):
        assert run_script("move", [f"from={source}", f"to={target}"]) == 0
        lines.append(capsys.readouterr().out)
    equal = lines[0].partition("equal in both stores: ")[2]
    assert equal.startswith("3 runs, ")
    assert lines[0].startswith("3 runs copied, 0 were there")
    assert lines[1] == f"0 runs copied, 3 were there; equal in both stores: {equal}"
    assert lines[2].startswith(f"{3 + elsewhere} runs copied, 0 were there")
    assert lines[3].startswith(f"{elsewhere} runs copied, 3 were there")  # the copies are taken for their originals
    assert [run for run in original.search(RunFilter()) if run.run_id in {old.run_id for old in before}] == before
    copied = {(run.name, run.status, run.started, run.ended) for run in copy.search(RunFilter())}
    assert {(run.name, run.status, run.started, run.ended) for run in before} <= copied
