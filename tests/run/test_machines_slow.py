"""Machines that share a folder or a server: no member is trained twice, and nothing is recorded twice."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from chaos.content import runs
from machines import Machine, go_on
from servers import Server
from waiting import wait_until

from seqprobe.tracking.leases.acquisition import ELSEWHERE
from seqprobe.tracking.stores.server import ServerStore

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("server")]
TRAINING = ["task=line_xy", "model=rnn", "model.hidden_size=3", "engine=stacked"]
TRAINING += ["trainer.max_steps=40", "trainer.val_every=10", "trainer.log_every=5", "~task.probes"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("leases") / "server")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def machines() -> Iterator[ExitStack]:
    """What ends every machine."""
    with ExitStack() as machines:
        yield machines


@pytest.fixture(params=["folder", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, list[list[str]]]:
    """The folder of the store that machines share, and what each machine's command says of it."""
    if request.param == "folder":
        return tmp_path / "store", [[f"tracking.dir={tmp_path / 'store'}"]] * 2
    server: Server = request.getfixturevalue("server")
    return server.folder, [
        ["tracking=server", f"tracking.uri={server.uri}", f"tracking.dir={tmp_path / str(machine)}"]
        for machine in range(2)
    ]


def start(
    machines: ExitStack, name: str, overrides: list[str], accident: int | None = None, lease: float = 3
) -> Machine:
    """Begin a training; on a busy machine, a heartbeat may come seconds late."""
    machine = Machine(name, [*overrides, f"tracking.lease_seconds={lease}"], accident, after=20)
    machines.callback(machine.end)
    return machine


def ended(folder: Path, seed: int) -> list[tuple[str, str]]:
    """Name and status of the runs of a seed and of its population."""
    names = {f"rnn · seed {seed}", "rnn · 1 seed"}
    return sorted(
        (run["name"], run["status"])
        for run in runs(folder)
        if run["name"] in names and run["params"].get("seed", run["params"].get("seeds")) == str(seed)
    )


def assert_complete(folder: Path, seed: int) -> None:
    """A member and its population are FINISHED once, with every value once; what else was begun has ended."""
    found = ended(folder, seed)
    assert found.count((f"rnn · seed {seed}", "FINISHED")) == found.count(("rnn · 1 seed", "FINISHED")) == 1
    assert {status for _, status in found} <= {"FINISHED", "KILLED", "FAILED"}
    (member,) = (
        run
        for run in runs(folder)
        if run["name"] == f"rnn · seed {seed}" and run["status"] == "FINISHED" and run["params"]["seed"] == str(seed)
    )
    steps = [step for name, step, *_ in member["metrics"] if name == "train/loss"]
    assert steps == list(range(5, 41, 5))


def test_a_member_that_eight_machines_are_asked_for_is_trained_once(
    server: Server, tmp_path: Path, machines: ExitStack
) -> None:
    """On a server; tests/tracking/leases has many that lease in a folder."""
    place = ["tracking=server", f"tracking.uri={server.uri}"]
    calls = [[*TRAINING, "seeds=[1]", *place, f"tracking.dir={tmp_path / str(number)}"] for number in range(8)]
    started = [start(machines, f"boot {number}", call, lease=20) for number, call in enumerate(calls)]
    results = [machine.wait() for machine in started]
    assert [text for kind, text in results if kind != "done"] == []
    assert sum("finished before" in text for _, text in results) == 7
    assert ended(server.folder, 1) == [("rnn · 1 seed", "FINISHED"), ("rnn · seed 1", "FINISHED")]
    assert_complete(server.folder, 1)
    assert list(ServerStore(server.uri).client().search_registered_models()) == []  # all leases are gone


def test_the_lease_of_a_machine_that_died_ends(place: tuple[Path, list[list[str]]], machines: ExitStack) -> None:
    folder, options = place
    first = start(machines, "boot a", [*TRAINING, "seeds=[2]", *options[0]], signal.SIGKILL)
    assert first.wait() == ("died", "")
    second = start(machines, "boot b", [*TRAINING, "seeds=[2]", *options[1]])
    kind, text = second.wait()
    assert (kind, "solved" in text) == ("done", True), text
    assert ELSEWHERE in second.notices
    if options[0] == options[1]:
        assert list((folder / "work" / "claims" / "leases").iterdir()) == []
    assert_complete(folder, 2)


def test_a_machine_that_was_suspended_records_nothing_more(
    place: tuple[Path, list[list[str]]], machines: ExitStack
) -> None:
    folder, options = place
    first = start(machines, "boot a", [*TRAINING, "seeds=[3]", *options[0]], signal.SIGSTOP)
    process = psutil.Process(first.process.pid)
    wait_until(lambda: process.status() == psutil.STATUS_STOPPED, "the first machine is suspended")
    second = start(machines, "boot b", [*TRAINING, "seeds=[3]", *options[1]])
    assert second.wait()[0] == "done"
    before = runs(folder)
    go_on(first)
    kind, text = first.wait()
    assert kind == "failed"
    assert text.startswith("another process has taken over the training of these members, since this one was suspended")
    assert_complete(folder, 3)
    assert [run for run in runs(folder) if run["status"] == "FINISHED"] == [
        run for run in before if run["status"] == "FINISHED"
    ]
    if options[0] == options[1]:  # its workspace was the other's, too: it left all as it was
        assert runs(folder) == before
