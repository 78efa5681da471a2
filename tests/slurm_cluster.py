"""A Slurm cluster of one node on this machine's loopback, in a temporary folder, that ends with the test.

Jobs of its partition ``urgent`` preempt those of ``test``, which get SIGTERM first, and `GRACE_SECONDS` to end.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import end_with_parent, free_ports
from waiting import wait_until

DAEMONS = ("munged", "slurmctld", "slurmd")
GRACE_SECONDS = 60
SETTINGS = """ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ctld}
SlurmdPort={slurmd}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,requeue_setup_env_fail
JobRequeue=1
KillWait=20
ReturnToService=2
MpiDefault=none
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1 GraceTime={grace}
PartitionName=urgent Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=2
"""


@contextlib.contextmanager
def slurm_cluster(folder: Path, cpus: int) -> Iterator[dict[str, str]]:
    """Start the daemons; yields the environment in which Slurm's commands find them. Skips where they cannot start."""
    missing = [name for name in DAEMONS if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed: apt-get install slurm-wlm munge")
    for name in ("state", "spool"):
        (folder / name).mkdir(parents=True)
    (folder / "munge.key").write_bytes(secrets.token_bytes(128))
    (folder / "munge.key").chmod(0o400)
    ctld, slurmd = free_ports(2)
    names = {"host": socket.gethostname().partition(".")[0], "user": getpass.getuser(), "folder": folder, "cpus": cpus}
    (folder / "slurm.conf").write_text(SETTINGS.format(**names, ctld=ctld, slurmd=slurmd, grace=GRACE_SECONDS))
    environment = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf")}
    munge = ["munged", "--foreground", "--force", f"--socket={folder}/munge.socket"]
    munge += [f"--{name}-file={folder}/munge.{name}" for name in ("key", "pid", "log", "seed")]
    with contextlib.ExitStack() as started:
        daemon(started, folder, environment, *munge)
        wait_for(folder, (folder / "munge.socket").exists, "munged")
        daemon(started, folder, environment, "slurmctld", "-D")
        daemon(started, folder, environment, "slurmd", "-D")
        wait_for(folder, lambda: "idle" in call(environment, "sinfo", "--noheader", "--format=%T"), "slurmd")
        try:
            yield environment
        finally:
            call(environment, "scancel", "--partition=test")
            with contextlib.suppress(TimeoutError):
                wait_until(lambda: not call(environment, "squeue", "--noheader"), "all jobs have ended", 40)


def daemon(started: contextlib.ExitStack, folder: Path, environment: dict[str, str], *command: str) -> None:
    """Start a daemon that ends with the stack."""
    log = started.enter_context((folder / f"{command[0]}.log").open("wb"))
    process = subprocess.Popen(
        command,
        stdout=log,
        stderr=log,
        env=environment,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        preexec_fn=end_with_parent,
    )

    def end() -> None:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    started.callback(end)


def wait_for(folder: Path, condition: object, name: str) -> None:
    """Wait for a daemon; skip with its last words where it does not start."""
    try:
        wait_until(condition, f"{name} is ready", 30)  # type: ignore[arg-type]
    except TimeoutError:
        words = (folder / f"{name}.log").read_text(errors="replace").strip().splitlines()
        pytest.skip(f"{name} does not start here: {' | '.join(words[-3:])}")


def call(environment: dict[str, str], *command: str) -> str:
    """The output of one of Slurm's commands; empty if it fails."""
    return subprocess.run(command, env=environment, capture_output=True, text=True).stdout.strip()
