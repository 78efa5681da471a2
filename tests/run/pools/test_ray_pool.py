"""How a command is connected to a Ray cluster, with a Ray that does nothing."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from seqprobe.config.compose import Composition
from seqprobe.run.pools import ray_pool
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
            scheduling_strategies=SimpleNamespace(NodeAffinitySchedulingStrategy=lambda node, soft: node)
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


def test_the_batches_of_a_tuning_share_a_connection_and_so_the_worker_processes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ray = FakeRay()
    monkeypatch.setattr(ray_pool, "import_extra", lambda module, key, extra: ray)
    job = Composition({"tracking": {"dir": str(tmp_path)}})
    for _ in range(3):
        pool = RayPool()
        pool.start({"a": job})
        assert pool.wait() == []
        assert pool.end(interrupted=False) == ""
    assert (ray.connections, ray.killed, ray.is_connected) == (1, 3, True)
