"""PostgreSQL on loopback, which can be killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from servers import free_ports
from waiting import wait_until

PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None, key=lambda path: int(path.parent.name))
"""The folder of the newest version, or None."""


class Postgres:
    """A database server with a database, in a temporary folder; it refuses to run as root, so it runs as nobody."""

    def __init__(self) -> None:
        assert PROGRAMS is not None
        self.folder, self.port = Path(tempfile.mkdtemp(prefix="postgres-")), free_ports(1)[0]
        self.user: dict[str, Any] = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
        if self.user:
            shutil.chown(self.folder, **self.user)
        self.data = self.folder / "data"
        self._call("initdb", "--auth=trust", "--username=mlflow", "--no-sync", "-D", str(self.data))
        self.uri = f"postgresql+psycopg://mlflow@127.0.0.1:{self.port}/postgres"

    def _call(self, program: str, *arguments: str) -> None:
        command = [str((PROGRAMS or Path()) / program), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, **self.user)

    def start(self) -> None:
        """Start it; what a killed one left of its processes and its memory may still be there for a moment."""
        wait_until(self._is_started, "PostgreSQL answers")

    def _is_started(self) -> bool:
        settings = [f"port={self.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={self.folder}"]
        options = [option for setting in [*settings, "fsync=off"] for option in ("-c", setting)]
        self.process = subprocess.Popen(
            [str((PROGRAMS or Path()) / "postgres"), "-D", str(self.data), *options],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self.user,
        )
        wait_until(lambda: self.process.poll() is not None or self.answers(), "PostgreSQL has started")
        return self.process.poll() is None

    def answers(self) -> bool:
        """Whether it takes connections."""
        command = [str((PROGRAMS or Path()) / "pg_isready"), "--host=127.0.0.1", f"--port={self.port}", "--quiet"]
        return subprocess.run(command, check=False).returncode == 0

    def kill(self) -> None:
        """End it without warning; its other processes notice that and end, too."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def close(self) -> None:
        """Kill it, and delete all that it had."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        import psycopg

        with psycopg.connect(host="127.0.0.1", port=self.port, user="mlflow", dbname="postgres") as connection:
            return connection.execute(query.encode()).fetchall()
