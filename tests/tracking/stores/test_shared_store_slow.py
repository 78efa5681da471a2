"""A laboratory's store: PostgreSQL, a server with the artifacts, four workers; nothing is lost or double."""

from __future__ import annotations

import hashlib
import importlib.util
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from pathlib import Path

import pytest
from machines import CONTEXT, train_all
from postgres import PROGRAMS, Postgres
from servers import Server

from seqprobe.run.recovery import recover
from seqprobe.scoring import Tag
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.saved_model import ARCHIVE
from seqprobe.tracking.stores.server import ServerStore

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("server"),
    pytest.mark.skipif(PROGRAMS is None, reason="needs PostgreSQL (Debian: postgresql)"),
    pytest.mark.skipif(importlib.util.find_spec("psycopg") is None, reason="needs requirements-server.lock"),
]
WORKERS, POPULATIONS = 4, 60
TRAINING = ["task=line_xy", "model=rnn", "model.hidden_size=3", "engine=stacked", "~task.probes"]
TRAINING += ["trainer.max_steps=4", "trainer.val_every=2", "trainer.log_every=1"]
KEYS_ONCE = """select count(*) from (select run_uuid, key, step from metrics group by run_uuid, key, step
having count(*) > 1) doubled"""


@pytest.fixture
def database() -> Iterator[Postgres]:
    database = Postgres()
    try:
        database.start()
        yield database
    finally:
        database.close()


@pytest.fixture
def server(database: Postgres, tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "server", "seqprobe", database.uri)
    server.folder.mkdir()
    try:
        server.start()
        yield server
    finally:
        server.kill()


def test_sixty_populations_survive_the_death_of_the_server_and_of_the_database(
    server: Server, database: Postgres, tmp_path: Path
) -> None:
    folders = [tmp_path / f"worker{number}" for number in range(WORKERS)]
    senders, processes = [], []
    for number, folder in enumerate(folders):
        place = ["tracking=server", f"tracking.uri={server.uri}", f"tracking.dir={folder}"]
        calls = [
            [*TRAINING, f"seeds=[{2 * index},{2 * index + 1}]", *place] for index in range(number, POPULATIONS, WORKERS)
        ]
        ours, theirs = CONTEXT.Pipe(duplex=False)
        processes.append(CONTEXT.Process(target=train_all, args=(calls, theirs), daemon=True))
        processes[-1].start()
        theirs.close()
        senders.append(ours)
    try:
        follow(senders, {POPULATIONS // 4: server, POPULATIONS // 2: database})
    finally:
        for process in processes:
            process.kill()
            process.join()
    store = ServerStore(server.uri)
    store.check()
    for folder in folders:
        assert recover(store, folder / "work", print) == 0
    assert_complete(store, database, server.folder / "artifacts")


def follow(senders: list[Connection], accidents: dict[int, Server | Postgres]) -> None:
    """Kill and restart what is due after so many populations, until all are trained."""
    done, problems = 0, list[str]()
    while senders:
        for sender in wait(senders, timeout=120):
            assert isinstance(sender, Connection)
            try:
                text = sender.recv()
            except EOFError:
                senders.remove(sender)
                continue
            problems += [text] if text else []
            done += not text
            if not text and done in accidents:
                killed = accidents.pop(done)
                killed.kill()
                killed.start()
    assert (done, accidents) == (POPULATIONS, {}), problems


def assert_complete(store: ServerStore, database: Postgres, artifacts: Path) -> None:
    """Every run is FINISHED, every metric is there once, and so is every artifact with its content."""
    runs = store.search(RunFilter())
    parents = [run for run in runs if run.tags[Tag.KIND] == "population"]
    members = [run for run in runs if run.tags[Tag.KIND] == "seed"]
    assert Counter(run.status for run in runs) == {"FINISHED": 3 * POPULATIONS}
    assert sorted(int(run.params["seed"]) for run in members) == list(range(2 * POPULATIONS))
    assert Counter(run.tags[Tag.PARENT] for run in members) == {run.run_id: 2 for run in parents}
    assert database.rows(KEYS_ONCE) == [(0,)]
    rows = dict(database.rows("select run_uuid, count(*) from metrics group by run_uuid"))
    for group in (parents, members):
        assert {rows[run.run_id] for run in group} == {rows[group[0].run_id]}
        folders = folders_of(group, artifacts)
        files = [{path.relative_to(folder) for path in folder.rglob("*") if path.is_file()} for folder in folders]
        assert all(found == files[0] for found in files)
        assert len(files[0]) > 5
    assert rows[members[0].run_id] >= 4 + 2 * 3  # the loss at every update, scores at every validation
    for run, folder in zip(members, folders_of(members, artifacts), strict=True):
        assert hashlib.sha256((folder / ARCHIVE).read_bytes()).hexdigest() == run.tags[Tag.ARCHIVE_DIGEST]
    ((leases,),) = database.rows("select count(*) from registered_models")
    assert leases <= 2 * WORKERS  # those of trainings that ended while the server was away, which end by themselves


def folders_of(runs: list, artifacts: Path) -> list[Path]:  # type: ignore[type-arg]
    """The folders of runs' artifacts."""
    return [artifacts / run.experiment_id / run.run_id / "artifacts" for run in runs]
