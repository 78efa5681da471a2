"""Processes that take each other for processes of other machines: they see neither each other's locks nor deaths."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Sequence
from multiprocessing.connection import Connection

from waiting import wait_until

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["seqprobe.run.worker"])


def train_there(machine: str, overrides: Sequence[str], accident: int | None, after: int, messages: Connection) -> None:
    """Train on a machine of its own; sends ``("notice", text)``, and ``("done" or "failed", text)``.

    Args:
        accident: the signal that the process sends itself after so many updates; None for none.
    """
    import pytest

    from seqprobe.run import member_locks
    from seqprobe.run.job import run_job
    from seqprobe.run.messages import reason
    from seqprobe.run.request import compose
    from seqprobe.tracking import process_identity

    state = {"accident": accident}

    def progress(done: int, total: int, words: str) -> None:
        if state["accident"] is not None and done >= after:
            signum, state["accident"] = state["accident"], None
            os.kill(os.getpid(), signum)

    with pytest.MonkeyPatch.context() as patch:
        for module in (member_locks, process_identity):
            patch.setattr(module, "boot_id", lambda: machine)
        patch.setattr(process_identity, "machine_id", lambda: machine)
        patch.setattr(member_locks, "lock_members", lambda file, seeds, wait: True)
        try:
            outcome = run_job(compose(overrides), progress, lambda text: messages.send(("notice", text)))
        except Exception as problem:
            messages.send(("failed", reason(problem)))
        else:
            messages.send(("done", outcome.line()))


class Machine:
    """A training on a machine of its own.

    Attributes:
        notices: what it has told.
        result: its last message.
    """

    def __init__(self, name: str, overrides: Sequence[str], accident: int | None = None, after: int = 0) -> None:
        self._messages, theirs = CONTEXT.Pipe(duplex=False)
        arguments = (name, list(overrides), accident, after, theirs)
        self.process = CONTEXT.Process(target=train_there, args=arguments, daemon=True)
        self.process.start()
        theirs.close()
        self.notices: list[str] = []
        self.result = ("", "")

    def wait(self, seconds: float = 120) -> tuple[str, str]:
        """Wait for its end; its last message."""
        try:
            while not self.result[0] and self._messages.poll(seconds):
                kind, text = self._messages.recv()
                if kind == "notice":
                    self.notices.append(text)
                else:
                    self.result = (kind, text)
        except EOFError:
            self.result = ("died", "")
        self.process.join(seconds)
        return self.result

    def end(self) -> None:
        """End it, also if it is suspended."""
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def go_on(machine: Machine) -> None:
    """Let a suspended process run again."""
    assert machine.process.pid is not None
    os.kill(machine.process.pid, signal.SIGCONT)


def train_all(calls: list[list[str]], messages: Connection) -> None:
    """Train one population after the other; a command that fails is repeated, as people would."""
    from conftest import blank_picture

    from seqprobe.run.job import run_job
    from seqprobe.run.request import compose
    from seqprobe.tracking import artifacts

    artifacts.rendered = blank_picture  # type: ignore[attr-defined]  # the process ends with this function
    for call in calls:

        def is_trained(call: list[str] = call) -> bool:
            try:
                run_job(compose(call))
            except Exception as problem:
                messages.send(repr(problem)[:300])
                return False
            messages.send("")
            return True

        wait_until(is_trained, f"{call} fails again and again")
