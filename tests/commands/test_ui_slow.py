"""`make ui` serves this machine alone, the store as it is, and ends on Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests
from scripts import ROOT
from servers import is_healthy
from waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ui")]


FILL = """
import sys
from seqprobe.tracking.stores.embedded import EmbeddedStore

store = EmbeddedStore(sys.argv[1])
run = store.client().create_run(store.experiment_id("sine"), run_name="a run").info.run_id
store.client().log_text(run, "found", "said.txt")
store.client().set_terminated(run, "FINISHED")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that was moved after it was filled, by a process that has ended: a store in use is not to be moved."""
    first = tmp_path_factory.mktemp("ui") / "first"
    subprocess.run([sys.executable, "-c", FILL, str(first)], check=True)
    return first.rename(first.with_name("moved"))


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Its address, and the process."""
    with started_ui(folder) as served:
        yield served


@contextmanager
def started_ui(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address and the process of a UI."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "pipelines/ui.py"), "--port", str(port), f"tracking.dir={folder}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == f"http://127.0.0.1:{port}  (Ctrl-C ends it)\n"
    wait_until(lambda: is_healthy(f"http://127.0.0.1:{port}"), "the UI answers")
    yield f"http://127.0.0.1:{port}", process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_it_listens_on_this_machine_alone(served: tuple[str, subprocess.Popen[str]]) -> None:
    _, process = served
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    listening = {
        connection.laddr.ip
        for each in family
        for connection in each.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


@pytest.mark.parametrize("header", ["Host", "Origin"])
def test_a_foreign_page_gets_nothing(header: str, served: tuple[str, subprocess.Popen[str]]) -> None:
    address, _ = served
    foreign = {"Host": "evil.example", "Origin": "http://evil.example"}[header]
    query = f"{address}/api/2.0/mlflow/experiments/search"
    assert requests.post(query, json={"max_results": 5}, timeout=20).ok
    assert requests.post(query, json={"max_results": 5}, headers={header: foreign}, timeout=20).status_code == 403


def test_artifacts_of_a_moved_store_are_shown(served: tuple[str, subprocess.Popen[str]]) -> None:
    address, _ = served
    found = requests.post(f"{address}/api/2.0/mlflow/runs/search", json={"experiment_ids": ["1"]}, timeout=20).json()
    (run,) = found["runs"]
    shown = requests.get(
        f"{address}/get-artifact", params={"path": "said.txt", "run_uuid": run["info"]["run_id"]}, timeout=20
    )
    assert (shown.status_code, shown.text) == (200, "found")


def test_ctrl_c_ends_it(served: tuple[str, subprocess.Popen[str]]) -> None:
    _, process = served
    family = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(timeout=60) == 0
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []


def test_a_kill_leaves_no_server(folder: Path) -> None:
    with started_ui(folder) as (_, process):
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) > 2
        process.kill()
        _, alive = psutil.wait_procs(family, timeout=30)
        assert alive == []


def test_a_wrong_port_costs_one_line(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "pipelines/ui.py"), "--port", "70000", f"tracking.dir={folder}"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: --port=70000: must be in 1 … 65535\n"
