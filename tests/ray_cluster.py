"""A Ray cluster on this machine's loopback: a head without processors, and workers that can be killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from servers import end_with_parent, free_ports
from waiting import wait_until

QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_raylet_start_wait_time_s": "120",
    "RAY_worker_niceness": "0",
    "RAY_health_check_period_ms": "500",
    "RAY_health_check_failure_threshold": "3",
}
STORE_BYTES = 80 * 2**20


class RayCluster:
    """Processes of ``ray start --block``, each with those that it has started.

    Attributes:
        address: of the head.
        environment: in which commands find it.
    """

    def __init__(self) -> None:
        self.ports = free_ports(1)
        self.address = f"127.0.0.1:{self.ports[0]}"
        self.environment = os.environ | QUIET | {"RAY_ADDRESS": self.address}
        self.folder = tempfile.mkdtemp(prefix="ray", dir="/tmp")  # sockets have short paths
        self.nodes: list[subprocess.Popen[bytes]] = []

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        """Start a node; it ends with `kill` or with the cluster."""
        place = ["--node-ip-address=127.0.0.1", f"--object-store-memory={STORE_BYTES}", "--disable-usage-stats"]
        place += ["--min-worker-port=0", "--max-worker-port=0", f"--dashboard-agent-listen-port={free_ports(1)[0]}"]
        path = Path(self.folder, f"node{len(self.nodes)}.log")
        with path.open("wb") as log:
            node = subprocess.Popen(
                [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", *place, *options],
                env=os.environ | QUIET,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        self.nodes.append(node)
        wait_until(lambda: node.poll() is not None or "Ray runtime started" in path.read_text(), "a node starts", 60)
        return node

    def start_head(self) -> None:
        """Start the head, on which no job runs."""
        options = ["--num-cpus=0", "--include-dashboard=false", f"--temp-dir={self.folder}"]
        self.start("--head", f"--port={self.ports[0]}", *options)

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start a node for one job at a time."""
        return self.start(f"--address={self.address}", "--num-cpus=1")

    def alive_nodes(self) -> int:
        """How many nodes the head knows to be alive."""
        listing = "import ray; ray.init(logging_level='ERROR'); print(sum(n['Alive'] for n in ray.nodes()))"
        done = subprocess.run([sys.executable, "-c", listing], env=self.environment, capture_output=True, text=True)
        return int(done.stdout or 0) if done.returncode == 0 else 0

    def runs(self, node: subprocess.Popen[bytes], name: str) -> bool:
        """Whether a node has a process of an actor class of this name."""
        titles = list[str]()
        for process in psutil.Process(node.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                titles.append(" ".join(process.cmdline()))
        return any(title.startswith(f"ray::{name}") for title in titles)

    def kill(self, node: subprocess.Popen[bytes]) -> None:
        """Kill a node with all of its processes, as if its machine were switched off."""
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in [*psutil.Process(node.pid).children(recursive=True), psutil.Process(node.pid)]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGKILL)
        node.wait()


@contextlib.contextmanager
def ray_cluster(workers: int) -> Iterator[tuple[RayCluster, list[subprocess.Popen[bytes]]]]:
    """A cluster and its workers; skips where it cannot start."""
    pytest.importorskip("ray", reason="ray is not installed: make setup-ray")
    cluster = RayCluster()
    try:
        try:
            cluster.start_head()
            nodes = [cluster.start_worker() for _ in range(workers)]
            wait_until(lambda: cluster.alive_nodes() == workers + 1, "all nodes are alive", 60)
        except TimeoutError:
            logs = [path.read_text(errors="replace")[-300:] for path in sorted(Path(cluster.folder).glob("node*.log"))]
            pytest.skip(f"Ray does not start here: {' | '.join(logs)}")
        yield cluster, nodes
    finally:
        for node in reversed(cluster.nodes):
            cluster.kill(node)
        shutil.rmtree(cluster.folder, ignore_errors=True)
