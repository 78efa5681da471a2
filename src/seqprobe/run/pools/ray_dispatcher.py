"""The actor that hands jobs to a Ray cluster and keeps what they report until the command takes it."""

from __future__ import annotations

import asyncio
import importlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seqprobe.checks import single_line
from seqprobe.config.compose import Composition
from seqprobe.failure import JobFailed
from seqprobe.run.pools.job_pool import Message
from seqprobe.run.pools.remote_place import RemotePlace, throttle_progress

REPORT_SECONDS = 30.0
"""How long a task waits at its end until the dispatcher has what it reported."""
AWAY_SECONDS = 60.0
"""A command that has not asked for messages for so long is away."""
CANCEL_SECONDS = 60.0
"""How long cancelled jobs may take to close their runs."""


@dataclass(frozen=True)
class RayJobs:
    """How a dispatcher runs jobs.

    Attributes:
        at_a_time: how many; None: as many as the cluster has room for.
        options: of Ray's tasks: CPUs, GPUs, memory, retries.
        place: what every machine must see.
    """

    at_a_time: int | None
    options: Mapping[str, Any]
    place: RemotePlace


@dataclass
class Command:
    """A command for which jobs run.

    Attributes:
        jobs: their names.
        messages: what they reported since it asked.
        asked_at: when it did, in seconds.
    """

    jobs: set[str]
    messages: list[Message] = field(default_factory=list)
    asked_at: float = field(default_factory=time.monotonic)

    @property
    def is_away(self) -> bool:
        """Whether it was interrupted or killed."""
        return time.monotonic() > self.asked_at + AWAY_SECONDS


class Dispatcher:
    """An asynchronous Ray actor: it owns the tasks, so that they outlive the command if the actor does.

    Ray runs a task in one of its worker processes, which keeps what it has imported for the next one; it runs the task
    again elsewhere if the process or its machine dies.
    """

    def __init__(self, settings: RayJobs) -> None:
        self.settings, self.ray = settings, importlib.import_module("ray")
        self.handle = self.ray.get_runtime_context().current_actor
        self.task = self.ray.remote(**settings.options)(run_remotely)
        self.slots = asyncio.Semaphore(settings.at_a_time or 10**9)
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.results: dict[str, Any] = {}
        self.commands: dict[str, Command] = {}

    async def submit(self, command: str, jobs: Mapping[str, Composition]) -> None:
        """Run jobs, by name, for a command; those that are under way already go on, and report to it too."""
        self.commands[command] = Command(set(jobs))
        for name, composition in jobs.items():
            if name not in self.tasks:
                self.tasks[name] = asyncio.create_task(self._run(name, composition))

    async def report(self, name: str, kind: Any, *content: Any) -> None:
        """Keep what a job reports for the commands that it runs for."""
        for command in self.commands.values():
            if name in command.jobs and not command.is_away:
                command.messages.append(Message(name, kind, content))

    async def take(self, command: str, seconds: float) -> list[Message]:
        """What was reported to a command since its last call; waits for it for a time."""
        known = self.commands[command]
        known.asked_at = time.monotonic()
        while not known.messages and time.monotonic() < known.asked_at + seconds:
            await asyncio.sleep(0.05)
        messages, known.messages = known.messages, []
        return messages

    async def cancel(self, command: str) -> None:
        """End the jobs that run for this command alone, and wait until they have closed their runs."""
        names = self.commands.pop(command).jobs
        names -= {name for other in self.commands.values() if not other.is_away for name in other.jobs}
        for name in names & set(self.tasks) - set(self.results):  # waits for its turn
            self.tasks.pop(name).cancel()
        results = [self.results[name] for name in names & set(self.results)]
        for result in results:
            self.ray.cancel(result)
        if results:
            await asyncio.to_thread(self.ray.wait, results, num_returns=len(results), timeout=CANCEL_SECONDS)

    async def end_when_alone(self) -> None:
        """End this actor as soon as all jobs have ended and no command is there."""
        self.watch = asyncio.create_task(self._end_when_alone())

    async def _end_when_alone(self) -> None:
        await asyncio.sleep(AWAY_SECONDS)
        while self.tasks or not all(command.is_away for command in self.commands.values()):
            await asyncio.sleep(AWAY_SECONDS / 10)
        self.ray.kill(self.handle)

    async def _run(self, name: str, composition: Composition) -> None:
        async with self.slots:
            self.results[name] = self.task.remote(self.handle, name, composition, self.settings.place)
            try:
                kind, content = await self.results[name]
            except Exception as problem:
                kind, content = "failed", f"Ray: {type(problem).__name__}: {single_line(problem)}"[:400]
            finally:
                del self.results[name], self.tasks[name]
            await self.report(name, kind, content)


def run_remotely(dispatcher: Any, name: str, composition: Composition, place: RemotePlace) -> tuple[str, Any]:
    """What a Ray task does: it runs a job in Ray's worker process, and reports to the dispatcher.

    Ray delivers a task's result and its calls of an actor on different ways, so the result waits for the last call.
    """
    hide_other_gpus()
    from seqprobe.run.worker import run_composition

    reported: Any = None

    def send(kind: str, *content: Any) -> None:
        nonlocal reported
        reported = dispatcher.report.remote(name, kind, *content)

    try:
        place.enter()
    except JobFailed as problem:
        return "failed", str(problem)
    send("started")
    result = run_composition(composition, throttle_progress(send))
    importlib.import_module("ray").wait([reported], timeout=REPORT_SECONDS)
    return result


def hide_other_gpus() -> None:
    """Let a process see no GPU if Ray gave it none; where it has some, Ray does this itself."""
    ray = importlib.import_module("ray")
    if not ray.get_runtime_context().get_accelerator_ids().get("GPU"):
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
