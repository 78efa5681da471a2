"""Jobs in processes of this machine, a few at a time; a process that dies takes no other with it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.forkserver import ensure_running
from pathlib import Path
from typing import Any

from seqprobe.checks import choice, integer
from seqprobe.config.compose import Composition
from seqprobe.run.pools.background_command import restart_in_background
from seqprobe.run.pools.job_pool import CANCEL, DETACH, ON_INTERRUPT, Message
from seqprobe.run.preloaded_modules import preloaded_modules
from seqprobe.run.workspace import work_folder


@dataclass
class RunningProcess:
    """A job's process, and what is known of it so far."""

    name: str
    process: Any
    messages: Connection
    result: Message | None = None

    def received(self) -> Iterator[Message]:
        """What the job has reported; its result is kept back until its process ends."""
        try:
            while self.messages.poll():
                kind, *content = self.messages.recv()
                message = Message(self.name, kind, content)
                if kind in ("done", "failed"):
                    self.result = message
                else:
                    yield message
        except EOFError:
            self.process.join()

    def final_message(self) -> Message:
        """The result of a job whose process has ended."""
        self.process.join()
        self.messages.close()
        code = self.process.exitcode
        if code and (self.result is None or self.result.kind == "done"):
            return Message(self.name, "failed", [f"its process ended with exit code {code}"])
        return self.result or Message(self.name, "failed", ["its process ended without a result"])


class ProcessPool:
    """Jobs in processes that a fork server starts, which has everything imported.

    Args:
        jobs: how many run at a time.
        on_interrupt: ``cancel``, or ``detach``: the command starts again in the background, and resumes there.

    Raises:
        InvalidValue: an argument does not fit.
    """

    is_remote = False

    def __init__(self, jobs: int = 2, on_interrupt: str = CANCEL) -> None:
        self.jobs = integer("hydra.launcher.jobs", jobs)
        self.on_interrupt = choice("hydra.launcher.on_interrupt", on_interrupt, ON_INTERRUPT)
        self.context = multiprocessing.get_context("forkserver")
        self.waiting: list[tuple[str, Composition]] = []
        self.running: list[RunningProcess] = []
        self.folders: list[Path] = []

    def prepare(self, compositions: Sequence[Composition]) -> None:
        """Start the fork server, which imports for some seconds on a core that has nothing else to do yet."""
        self.context.set_forkserver_preload(preloaded_modules(composition.config for composition in compositions))
        ensure_running()

    def start(self, jobs: Mapping[str, Composition]) -> None:
        self.waiting += jobs.items()
        self.context.set_forkserver_preload(preloaded_modules(composition.config for composition in jobs.values()))
        self.folders = [work_folder(composition.config) for composition in jobs.values()]

    def wait(self) -> Sequence[Message]:
        messages = list(self._started())
        if not messages:
            wait([source for job in self.running for source in (job.messages, job.process.sentinel)])
        for job in list(self.running):
            has_ended = not job.process.is_alive()  # before its messages are read: afterwards none is missing
            messages += job.received()
            if has_ended or not job.process.is_alive():
                self.running.remove(job)
                messages += [*job.received(), job.final_message()]
        return messages

    def end(self, interrupted: bool) -> str:
        for job in self.running:
            job.process.terminate()
        for job in self.running:
            job.process.join(timeout=30)
        if interrupted and self.on_interrupt == DETACH and self.folders:
            return restart_in_background(self.folders[0], [f"hydra.launcher.on_interrupt={CANCEL}"])
        return ""

    def _started(self) -> Iterator[Message]:
        """Start as many jobs as may run."""
        from seqprobe.run.worker import run_in_process

        while self.waiting and len(self.running) < self.jobs:
            name, composition = self.waiting.pop(0)
            receiver, sender = self.context.Pipe(duplex=False)
            process = self.context.Process(target=run_in_process, args=(composition, sender), daemon=True)
            process.start()
            sender.close()
            self.running.append(RunningProcess(name, process, receiver))
            yield Message(name, "started")
