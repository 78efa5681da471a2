"""The connection of a command to a Ray cluster."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from seqprobe.checks import InvalidValue
from seqprobe.failure import JobFailed
from seqprobe.interrupts import END_SIGNALS
from seqprobe.run.pools.job_pool import import_extra

KEY = "hydra/launcher=ray"
ADDRESS_KEY = "hydra.launcher.address"
AUTO = "auto"
NAMESPACE = "seqprobe"
HOST_AND_PORT = re.compile(r"(\[[0-9a-fA-F:]+\]|[^\s/:]+):(\d{1,5})")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
LISTEN_SECONDS = 5.0
"""How long a machine may take to accept a connection, and to answer."""
SETTINGS = 4
"""The type of the frame with which both sides of HTTP/2 begin."""
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, SETTINGS, 0, 0, 0, 0, 0])
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_gcs_server_port_wait_time_s": "1",  # one attempt of 40 s, where Ray makes 20
}


def checked_address(address: object) -> str:
    """The address of a cluster.

    Raises:
        InvalidValue: it is none.
    """
    found = HOST_AND_PORT.fullmatch(address) if isinstance(address, str) else None
    if address == AUTO or (found and int(found[2]) < 2**16):
        return str(address)
    raise InvalidValue(ADDRESS_KEY, address, f"must be {AUTO}, or HOST:PORT, as in 127.0.0.1:6379")


def connected_ray(address: str) -> Any:
    """The module ``ray`` of a process that is connected to a cluster, until it ends.

    A command that starts jobs again and again, as a tuning does, keeps the connection: Ray's worker processes, with all
    that they have imported, belong to it.

    Raises:
        JobFailed: Ray is not installed, or there is no such cluster.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    ray = import_extra("ray", KEY, "ray")
    import_extra("ray.util.scheduling_strategies", KEY, "ray")
    if ray.is_initialized():
        return ray
    stated = os.environ.get("RAY_ADDRESS", AUTO) if address == AUTO else address
    with preserved_handlers():
        try:
            check_listener(stated, ray.util.get_node_ip_address())
            ray.init(address=address, namespace=NAMESPACE, log_to_driver=False, logging_level="ERROR")
        except (OSError, ValueError, RuntimeError, ray.exceptions.RayError) as problem:
            named = f"{address} (RAY_ADDRESS={stated})" if stated != address else address
            text = f"{ADDRESS_KEY}={named}: there is no Ray cluster (start one: ray start --head)"
            raise JobFailed(text) from problem
    return ray


def check_listener(address: str, own_host: str) -> None:
    """Look whether a gRPC server listens at an address, as Ray's head does: Ray itself would try for a minute.

    Args:
        own_host: of this machine; Ray takes its loopback address for it.

    Raises:
        OSError: there is none.
    """
    if found := HOST_AND_PORT.fullmatch(address):
        host, port = found[1].strip("[]"), int(found[2])
        try:
            greet(host, port)
        except OSError:
            if host not in LOOPBACK:
                raise
            greet(own_host, port)


def greet(host: str, port: int) -> None:
    """Begin an HTTP/2 connection, in which gRPC speaks (RFC 9113, section 3.4); of an encrypted one, only connect.

    Raises:
        OSError: nobody listens, or does not answer in HTTP/2.
    """
    with socket.create_connection((host, port), LISTEN_SECONDS) as connection:
        if os.environ.get("RAY_USE_TLS", "0").lower() in ("1", "true"):
            return
        connection.sendall(PREFACE)
        header = connection.recv(9, socket.MSG_WAITALL)
        if len(header) < 9 or header[3] != SETTINGS:
            raise OSError("the answer is not HTTP/2")


@contextmanager
def preserved_handlers() -> Iterator[None]:
    """Let signals do afterwards what they did before: Ray installs a handler of its own."""
    before = {signum: signal.getsignal(signum) for signum in END_SIGNALS}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
