"""Against a real MLflow server that is killed and comes back: training goes on, and all is told in order, once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO

import pytest
from chaos.content import content, differences
from proxy import Proxy
from scripts import ROOT
from servers import Server
from waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("server")]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "server")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    """A proxy, by whose address the server is known."""
    proxy = Proxy(server.address)
    server.uri = proxy.uri
    yield proxy
    proxy.close()


def training(server: Server, steps: int) -> list[str]:
    return [
        "task=slope_intercept",
        "model=rnn",
        "seeds=2",
        "engine=stacked",
        f"trainer.max_steps={steps}",
        "trainer.val_every=500",
        "trainer.log_every=100",
        "trainer.checkpoint_seconds=1",
        "tracking.lease_seconds=3600",  # a heartbeat would be a request of its own
        "tracking=server",
        f"tracking.uri={server.uri}",
        f"tracking.dir={server.folder.parent / 'here'}",
    ]


def start(script: str, *arguments: str, errors: IO[str] | int = subprocess.PIPE) -> subprocess.Popen[str]:
    command = [sys.executable, str(ROOT / "pipelines" / f"{script}.py"), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)


def has_metrics(folder: Path) -> bool:
    """Whether a store has the first metrics of a training."""
    if not (folder / "mlflow.db").exists():
        return False
    with closing(sqlite3.connect(f"file:{folder / 'mlflow.db'}?mode=ro", uri=True)) as connection:
        return connection.execute("select exists (select * from metrics)").fetchone() == (1,)


def wait_for_metrics(server: Server, process: subprocess.Popen[str]) -> None:
    """Wait until the server has the first metrics of a training that goes on."""
    wait_until(lambda: process.poll() is not None or has_metrics(server.folder), "the first metrics")
    assert process.poll() is None, process.communicate()


def wanted(server: Server, steps: int) -> dict[str, dict[str, object]]:
    """What the same training comes to in an embedded store."""
    folder = server.folder.parent / "embedded"
    own = [each for each in training(server, steps) if not each.startswith("tracking")]
    process = start("train", *own, f"tracking.dir={folder}")
    _, errors = process.communicate(timeout=400)
    assert process.returncode == 0, errors
    return content(folder)


def compared(server: Server, steps: int) -> list[str]:
    """How the server's runs differ from those of an embedded store; its address of artifacts is its own."""
    found = content(server.folder)
    for run in found.values():
        run["artifacts"] = {}
    other = wanted(server, steps)
    for run in other.values():
        run["artifacts"] = {}
    return differences(found, other)


def test_a_server_that_comes_back_is_told_everything(server: Server) -> None:
    log = server.folder.parent / "errors"
    with log.open("w") as errors_file:
        process = start("train", *training(server, 9000), errors=errors_file)
        wait_for_metrics(server, process)
        server.kill()
        wait_until(lambda: process.poll() is not None or "does not respond" in log.read_text(), "the server is missed")
        assert process.poll() is None
        server.start()
        process.communicate(timeout=400)
    errors = log.read_text()
    assert process.returncode == 0, errors
    assert f"{server.uri} does not respond; its records wait in " in errors
    assert f"{server.uri} responds again; all records were delivered" in errors
    assert compared(server, 9000) == []


def test_what_could_not_be_delivered_is_kept_and_delivered_by_a_command(server: Server) -> None:
    process = start("train", *training(server, 4000))
    wait_for_metrics(server, process)
    server.kill()
    _, errors = process.communicate(timeout=400)
    assert process.returncode == 1
    last = errors.splitlines()[-1]
    assert last.startswith(f"error: training is complete, but {server.uri} was unavailable; the records are kept in ")
    command = last.partition("pipelines/deliver.py ")[2].split()
    assert command[:2] == ["tracking=server", f"tracking.uri={server.uri}"]
    refused = start("deliver", *command)
    assert refused.communicate(timeout=100)[1] == f"error: tracking.uri={server.uri}: no MLflow server answers there\n"
    server.start()
    for _ in range(2):
        delivered = start("deliver", *command)
        assert delivered.communicate(timeout=100) == (f"Everything is delivered to {server.uri}\n", "")
        assert delivered.returncode == 0
    assert compared(server, 4000) == []
    artifacts = content(server.folder)
    assert {run["status"] for run in artifacts.values()} == {"FINISHED"}
    stored = {path.name for path in (server.folder / "artifacts").rglob("*") if path.is_file()}
    assert {"fit.png", "fit.gif", "training_curves.csv", "last.safetensors", "config.yaml"} <= stored
    assert [path.name for path in (server.folder.parent / "here" / "work").iterdir()] == ["claims"]


def test_a_server_that_refuses_for_a_while_misses_nothing(server: Server, proxy: Proxy) -> None:
    log = server.folder.parent / "errors"
    with log.open("w") as errors_file:
        process = start("train", *training(server, 3000), errors=errors_file)
        wait_for_metrics(server, process)
        proxy.status = 401
        wait_until(lambda: process.poll() is not None or "refuses access" in log.read_text(), "the refusal is reported")
        assert process.poll() is None
        proxy.status = None
        process.communicate(timeout=400)
    assert process.returncode == 0, log.read_text()
    words = "refuses access (401): set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
    assert log.read_text().count(f"{server.uri} {words}") == 1
    assert log.read_text().count(f"{server.uri} responds again; all records were delivered") == 1
    assert compared(server, 3000) == []


def journal_size(server: Server) -> int:
    """How much the trainings of this machine have written into their journals."""
    return sum(path.stat().st_size for path in (server.folder.parent / "here" / "work").glob("*/journal.jsonl"))


def test_a_server_that_hangs_holds_nothing_up_and_a_kill_loses_nothing(
    server: Server, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patient:
        patient.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "900")
        process = start("train", *training(server, 9000), errors=subprocess.DEVNULL)
    wait_for_metrics(server, process)
    proxy.answers.clear()
    wait_until(lambda: proxy.refused, "a request hangs")
    for _ in range(2):
        size = journal_size(server)
        wait_until(lambda size=size: process.poll() is not None or journal_size(server) > size, "the training goes on")
    assert process.poll() is None
    assert proxy.refused <= 3  # these are still the same requests, one for each run
    process.kill()
    process.communicate()
    proxy.answers.set()
    again = start("train", *training(server, 9000))
    _, errors = again.communicate(timeout=400)
    assert again.returncode == 0, errors
    assert compared(server, 9000) == []
