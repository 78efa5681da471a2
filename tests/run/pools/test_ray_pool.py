"""How a command is connected to a Ray cluster, with a Ray that does nothing."""

from __future__ import annotations

import socketserver
import threading
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from servers import free_ports

from seqprobe.checks import InvalidValue
from seqprobe.config.compose import Composition
from seqprobe.failure import JobFailed
from seqprobe.run.pools import ray_connection
from seqprobe.run.pools.ray_connection import connected_ray
from seqprobe.run.pools.ray_pool import RayPool


class FakeRay:
    """Counts its connections.

    Attributes:
        connections: how many were made.
        killed: how many actors were.
    """

    def __init__(self) -> None:
        self.connections, self.killed, self.is_connected = 0, 0, False
        self.exceptions = SimpleNamespace(RayError=RuntimeError)
        self.util = SimpleNamespace(
            get_node_ip_address=lambda: "127.0.0.1",
            scheduling_strategies=SimpleNamespace(NodeAffinitySchedulingStrategy=lambda node, soft: node),
        )

    def is_initialized(self) -> bool:
        return self.is_connected

    def init(self, **options: Any) -> None:
        assert not self.is_connected
        self.connections, self.is_connected = self.connections + 1, True

    def shutdown(self) -> None:
        self.is_connected = False

    def get_runtime_context(self) -> Any:
        return SimpleNamespace(get_node_id=lambda: "here")

    def remote(self, actor: type) -> Any:
        method = SimpleNamespace(remote=lambda *arguments: [])
        made = SimpleNamespace(submit=method, take=method, cancel=method)
        return SimpleNamespace(options=lambda **options: SimpleNamespace(remote=lambda settings: made))

    def get(self, result: Any, timeout: float = 0.0) -> Any:
        return result

    def kill(self, actor: Any) -> None:
        self.killed += 1

    def nodes(self) -> list[dict[str, Any]]:
        return [{"Alive": True, "Resources": {"CPU": 2.0}}]


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> FakeRay:
    fake = FakeRay()
    monkeypatch.setattr(ray_connection, "import_extra", lambda module, key, extra: fake)
    monkeypatch.setattr(ray_connection, "QUIET", {})
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    return fake


def test_the_batches_of_a_tuning_share_a_connection_and_so_the_worker_processes(ray: FakeRay, tmp_path: Path) -> None:
    job = Composition({"tracking": {"dir": str(tmp_path)}})
    for _ in range(3):
        pool = RayPool()
        pool.start({"a": job})
        assert pool.wait() == []
        assert pool.end(interrupted=False) == ""
    assert (ray.connections, ray.killed, ray.is_connected) == (1, 3, True)


def test_an_address_at_which_nobody_listens_is_refused_before_ray_tries_for_minutes(
    ray: FakeRay, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"127.0.0.1:{free_ports(1)[0]}"
    with pytest.raises(JobFailed, match=f"^hydra.launcher.address={address}: there is no Ray cluster "):
        connected_ray(address)
    monkeypatch.setenv("RAY_ADDRESS", address)
    with pytest.raises(JobFailed, match=rf"^hydra.launcher.address=auto \(RAY_ADDRESS={address}\): there is no "):
        connected_ray("auto")
    assert ray.connections == 0


class Answering(socketserver.BaseRequestHandler):
    """Answers what it is greeted with, or an HTTP/2 server's first frame."""

    answer = b""

    def handle(self) -> None:
        greeting = self.request.recv(100)
        self.request.sendall(self.answer or greeting)


@pytest.mark.parametrize(
    ("answer", "connections"), [(b"\0\0\0\4\0\0\0\0\0", 1), (b"HTTP/1.0 400 Bad request", 0), (b"", 0)]
)
def test_a_server_of_something_else_is_no_cluster(
    answer: bytes, connections: int, ray: FakeRay, tmp_path: Path
) -> None:
    handler = type("Handler", (Answering,), {"answer": answer})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        with nullcontext() if connections else pytest.raises(JobFailed, match="there is no Ray cluster"):
            connected_ray(f"127.0.0.1:{server.server_address[1]}")
        server.shutdown()
    assert ray.connections == connections


@pytest.mark.parametrize("address", ["nonsense", "http://127.0.0.1:6379", "ray://lab:10001", "lab:", "lab:70000", 6379])
def test_what_is_no_address_of_a_cluster_is_named(address: object) -> None:
    with pytest.raises(InvalidValue, match=r"^hydra.launcher.address=.*: must be auto, or HOST:PORT, as in "):
        RayPool(address=address)  # type: ignore[arg-type]
