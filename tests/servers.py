"""Servers that tests start, and what tests need to know of them."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import requests
from waiting import wait_until

from seqprobe.tracking.stores.embedded import EmbeddedStore

QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


class Server:
    """An MLflow server that can be killed and started again.

    Args:
        app: the application that it serves instead of MLflow's.
        database: its database; by default one in its folder.
    """

    def __init__(self, folder: Path, app: str = "", database: str = "") -> None:
        self.folder, self.app = folder, ["--app-name", app] if app else []
        self.database = database or f"sqlite:///{folder}/mlflow.db"
        if not database:
            EmbeddedStore(str(folder)).client()  # makes the database
        (self.port,) = free_ports(1)
        self.uri = self.address = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        artifacts, place = str(self.folder / "artifacts"), ["--host", "127.0.0.1", "--port", str(self.port)]
        options = [*place, "--workers", "1", "--backend-store-uri", self.database]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mlflow", "server", *self.app, *options, "--artifacts-destination", artifacts],
            env=os.environ | QUIET,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_until(lambda: is_healthy(self.address), "the server answers")

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def is_healthy(address: str) -> bool:
    """Whether an MLflow server answers at an address."""
    try:
        return requests.get(f"{address}/health", timeout=5).ok
    except requests.RequestException:
        return False


def end_with_parent() -> None:
    """Let a process that starts be ended when the tests' process is killed; where Linux can do this (prctl(2))."""
    set_parent_death_signal = 1
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(set_parent_death_signal, signal.SIGTERM)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface on which nobody listens."""
    with ExitStack() as stack:
        taken = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in taken:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in taken]
