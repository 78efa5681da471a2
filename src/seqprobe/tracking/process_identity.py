"""Which process fills a run, and whether it may still do so."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Mapping
from pathlib import Path

import psutil

from seqprobe.scoring import Tag

SAME_SECONDS = 5.0
"""Tolerance when comparing process start times: the system clock may be set meanwhile."""
INITIAL_NAMESPACE = "pid:[4026531836]"
"""The PID namespace of processes in no container: Linux gives it the same number on all machines."""


def process_tags() -> dict[str, str]:
    """Run tags that identify the process that fills a run; those that this system does not know are left out.

    The number of a process has a meaning only in its PID namespace, which a container has of its own, and until the
    machine is restarted. A host name does not identify the machine: containers on several machines may share one.
    """
    tags = {
        Tag.HOST: socket.gethostname(),
        Tag.BOOT: boot_id(),
        Tag.NAMESPACE: pid_namespace(),
        Tag.MACHINE_ID: machine_id(),
        Tag.PID: str(os.getpid()),
        Tag.STARTED: f"{psutil.Process().create_time():.2f}",
    }
    return {name: value for name, value in tags.items() if value}


def boot_id() -> str:
    """An identifier of this boot of the machine; empty where the system has none."""
    return file_text("/proc/sys/kernel/random/boot_id")


def machine_id() -> str:
    """A hash of the machine's id, as the id itself is confidential; empty where it has none."""
    text = file_text("/etc/machine-id")
    return hashlib.sha256(f"seqprobe {text}".encode()).hexdigest()[:16] if text else ""


def pid_namespace() -> str:
    """The PID namespace of this process; empty on systems without any."""
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def file_text(path: str) -> str:
    """The text of a file, without the line's end; empty where there is none."""
    try:
        return Path(path).read_text().strip()
    except (OSError, ValueError):
        return ""


def is_alive(tags: Mapping[str, str]) -> bool:
    """Whether the process that fills a run may still do so: true as well if that cannot be known here.

    Args:
        tags: of the run; earlier versions recorded neither the boot, nor the namespace, nor the machine.
    """
    here = process_tags()
    if Tag.PID not in tags or tags.get(Tag.HOST) != here[Tag.HOST]:
        return True
    if Tag.BOOT in tags and tags[Tag.BOOT] != here.get(Tag.BOOT):
        return not was_restarted(tags, here)
    if Tag.NAMESPACE in tags and tags[Tag.NAMESPACE] != here.get(Tag.NAMESPACE):
        return True
    try:
        process = psutil.Process(int(tags[Tag.PID]))
        same = abs(process.create_time() - float(tags.get(Tag.STARTED, 0))) < SAME_SECONDS
        return same and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, ValueError):
        return False


def was_restarted(tags: Mapping[str, str], here: Mapping[str, str]) -> bool:
    """Whether two processes of different boots ran on one machine, outside of containers."""
    same_machine = Tag.MACHINE_ID in tags and tags[Tag.MACHINE_ID] == here.get(Tag.MACHINE_ID)
    return same_machine and tags.get(Tag.NAMESPACE) == here.get(Tag.NAMESPACE) == INITIAL_NAMESPACE
