"""Jobs in a Ray cluster: a dispatcher in the cluster runs them, and this process shows what it passes on."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqprobe.checks import InvalidValue, choice, integer, number, single_line
from seqprobe.config.compose import Composition
from seqprobe.failure import JobFailed
from seqprobe.run.pools.job_pool import CANCEL, DETACH, ON_INTERRUPT, Message
from seqprobe.run.pools.ray_connection import AUTO, KEY, NAMESPACE, checked_address, connected_ray
from seqprobe.run.pools.ray_dispatcher import CANCEL_SECONDS, Dispatcher, RayJobs
from seqprobe.run.pools.remote_place import RemotePlace

TAKE_SECONDS = 0.5
"""How long the dispatcher waits for a message before it answers that there is none; signals are handled then."""


@dataclass
class RayPool:
    """Tasks in a Ray cluster; conf/hydra/launcher/ray.yaml explains the arguments.

    Raises:
        InvalidValue: an argument does not fit.
    """

    address: str = AUTO
    jobs: int | None = None
    cpus: float = 1.0
    gpus: float = 0.0
    memory_gib: float | None = None
    retries: int = 3
    on_interrupt: str = CANCEL

    is_remote = True

    def __post_init__(self) -> None:
        checked_address(self.address)
        if self.jobs is not None:
            integer("hydra.launcher.jobs", self.jobs)
        integer("hydra.launcher.retries", self.retries, minimum=0)
        choice("hydra.launcher.on_interrupt", self.on_interrupt, ON_INTERRUPT)
        for key in ("cpus", "gpus", "memory_gib"):
            if (value := getattr(self, key)) is not None and number(f"hydra.launcher.{key}", value) < 0:
                raise InvalidValue(f"hydra.launcher.{key}", value, "must be a number >= 0")
        self.ray: Any = None
        self.dispatcher: Any = None
        self.command = uuid.uuid4().hex
        self.notices: list[Message] = []

    def prepare(self, compositions: Sequence[Composition]) -> None:
        """Nothing: other machines import for themselves."""

    def start(self, jobs: Mapping[str, Composition]) -> None:
        if not jobs:
            return
        self.ray = connected_ray(self.address)
        first = next(iter(jobs.values()))
        settings = RayJobs(self.jobs, self._task_options(), RemotePlace.of_command(first))
        place = self.ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
            self.ray.get_runtime_context().get_node_id(), soft=True
        )
        options = {"num_cpus": 0, "scheduling_strategy": place}
        if self.on_interrupt == DETACH:  # the next command finds the actor by its name
            options |= {"name": dispatcher_name(first), "lifetime": "detached", "get_if_exists": True}
        self.dispatcher = self.ray.remote(Dispatcher).options(**options).remote(settings)
        if self.on_interrupt == DETACH:
            self._call(self.dispatcher.end_when_alone)
        self._call(self.dispatcher.submit, self.command, dict(jobs))
        lacking = [name for name, amount in self._reserved().items() if amount > most_of(self.ray.nodes(), name)]
        if lacking:  # a cluster that grows may get some
            text = f"it waits, as no machine of the Ray cluster has enough of: {', '.join(lacking)}"
            self.notices = [Message(next(iter(jobs)), "notice", [text])]

    def wait(self) -> Sequence[Message]:
        messages: Sequence[Message] = self._call(self.dispatcher.take, self.command, TAKE_SECONDS)
        notices, self.notices = self.notices, []
        return [*notices, *messages]

    def end(self, interrupted: bool) -> str:
        if self.dispatcher is None:
            return ""
        try:
            if interrupted and self.on_interrupt == DETACH:
                return f"The jobs go on in the Ray cluster at {self.address}; the same command shows them again"
            self.ray.get(self.dispatcher.cancel.remote(self.command), timeout=CANCEL_SECONDS + 10)
            if self.on_interrupt != DETACH:
                self.ray.kill(self.dispatcher)
        except self.ray.exceptions.RayError as problem:
            return f"Ray: {single_line(problem)}"
        return ""

    def _reserved(self) -> dict[str, float]:
        """What Ray reserves for a task, by its name of the resource; memory in bytes."""
        return {"CPU": self.cpus, "GPU": self.gpus, "memory": round((self.memory_gib or 0) * 2**30)}

    def _task_options(self) -> dict[str, Any]:
        """What Ray reserves for a task, and how often it runs one again whose process or machine died."""
        amounts = dict(zip(("num_cpus", "num_gpus", "memory"), self._reserved().values(), strict=True))
        # max_calls=0: a worker with a GPU stays for the next task, too, with what it has imported
        return {**amounts, "max_retries": self.retries, "max_calls": 0}

    def _call(self, method: Any, *arguments: Any) -> Any:
        try:
            return self.ray.get(method.remote(*arguments))
        except self.ray.exceptions.RayError as problem:
            raise JobFailed(f"{KEY}: the cluster is lost: {single_line(problem)}"[:400]) from problem


def most_of(nodes: Sequence[Mapping[str, Any]], resource: str) -> float:
    """The largest amount of a resource that one machine of a cluster has."""
    return max((node["Resources"].get(resource, 0.0) for node in nodes if node["Alive"]), default=0.0)


def dispatcher_name(composition: Composition) -> str:
    """The name of the detached dispatcher for one store: the same command finds it by this."""
    store = repr(sorted(composition.config["tracking"].items()))
    return f"{NAMESPACE} {hashlib.sha256(store.encode()).hexdigest()[:16]}"
