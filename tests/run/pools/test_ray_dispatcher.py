"""What the dispatcher does between commands and tasks, with a Ray that runs tasks in the test's own event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from seqprobe.config.compose import Composition
from seqprobe.run import worker
from seqprobe.run.pools import ray_dispatcher
from seqprobe.run.pools.job_pool import Message
from seqprobe.run.pools.ray_dispatcher import Dispatcher, RayJobs
from seqprobe.run.pools.remote_place import RemotePlace

PLACE = RemotePlace(Path(), None, None, "", "")
A, B, C = (Composition({"name": name}) for name in "abc")


class FakeRay:
    """Tasks are futures that the test completes.

    Attributes:
        tasks: those that were started, by the job's name.
        options: of all tasks.
    """

    def __init__(self) -> None:
        self.tasks: dict[str, asyncio.Future[Any]] = {}
        self.options: dict[str, Any] = {}

    def get_runtime_context(self) -> Any:
        return SimpleNamespace(current_actor="the actor")

    def remote(self, **options: Any) -> Callable[[Any], Any]:
        self.options = options
        return lambda function: SimpleNamespace(remote=self.start)

    def start(self, handle: Any, name: str, composition: Composition, place: RemotePlace) -> asyncio.Future[Any]:
        assert (handle, composition.config["name"], place) == ("the actor", name, PLACE)
        self.tasks[name] = asyncio.get_running_loop().create_future()
        return self.tasks[name]

    def cancel(self, task: asyncio.Future[Any]) -> None:
        task.get_loop().call_soon_threadsafe(task.set_exception, RuntimeError("cancelled"))

    def wait(self, tasks: list[asyncio.Future[Any]], num_returns: int, timeout: float) -> None:
        while not all(task.done() for task in tasks):
            pass


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> FakeRay:
    fake = FakeRay()
    monkeypatch.setattr(ray_dispatcher.importlib, "import_module", lambda name: fake)
    return fake


async def run_what_is_ready() -> None:
    """Let the event loop go on until nothing is left but waiting."""
    for _ in range(3):
        await asyncio.to_thread(int)


def run(test: Callable[[Dispatcher], Coroutine[Any, Any, None]], at_a_time: int | None = None) -> None:
    async def body() -> None:
        await test(Dispatcher(RayJobs(at_a_time, {"num_cpus": 0.5}, PLACE)))

    asyncio.run(body())


def test_results_and_failures_are_reported_to_the_command(ray: FakeRay) -> None:
    async def test(dispatcher: Dispatcher) -> None:
        await dispatcher.submit("one", {"a": A, "b": B})
        assert await dispatcher.take("one", 0.01) == []
        await dispatcher.report("a", "progress", 1, 2, "x")
        ray.tasks["a"].set_result(("done", "outcome"))
        ray.tasks["b"].set_exception(OSError("the machine\nis away"))
        assert await dispatcher.take("one", 5.0) == [Message("a", "progress", (1, 2, "x"))]
        messages = await dispatcher.take("one", 5.0)
        assert messages == [
            Message("a", "done", ("outcome",)),
            Message("b", "failed", ("Ray: OSError: the machine is away",)),
        ]
        assert (dispatcher.tasks, dispatcher.results) == ({}, {})

    run(test)
    assert ray.options == {"num_cpus": 0.5}


def test_a_second_command_attaches_to_what_runs_and_only_few_run_at_a_time(ray: FakeRay) -> None:
    async def test(dispatcher: Dispatcher) -> None:
        await dispatcher.submit("one", {"a": A, "b": B})
        await dispatcher.take("one", 0.01)
        await run_what_is_ready()
        assert list(ray.tasks) == ["a"]
        await dispatcher.submit("two", {"a": A, "c": C})
        ray.tasks["a"].set_result(("done", 1))
        for command in ("one", "two"):
            assert await dispatcher.take(command, 5.0) == [Message("a", "done", (1,))]
        await run_what_is_ready()
        assert list(ray.tasks) == ["a", "b"]
        await dispatcher.cancel("one")  # b runs for it alone, c does not
        await run_what_is_ready()
        assert list(ray.tasks) == ["a", "b", "c"]
        await dispatcher.cancel("two")

    run(test, at_a_time=1)


def test_a_cancelled_job_that_waited_for_its_turn_never_starts(ray: FakeRay) -> None:
    async def test(dispatcher: Dispatcher) -> None:
        await dispatcher.submit("one", {"a": A, "b": B})
        await run_what_is_ready()
        await dispatcher.cancel("one")
        await run_what_is_ready()
        assert list(ray.tasks) == ["a"]
        assert dispatcher.tasks == {}

    run(test, at_a_time=1)


def test_a_command_that_is_away_is_not_reported_to(ray: FakeRay, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(dispatcher: Dispatcher) -> None:
        await dispatcher.submit("one", {"a": A})
        await run_what_is_ready()
        monkeypatch.setattr(ray_dispatcher, "AWAY_SECONDS", -1.0)
        await dispatcher.report("a", "notice", "unread")
        assert dispatcher.commands["one"].messages == []
        await dispatcher.cancel("one")

    run(test)


def test_a_result_waits_until_the_dispatcher_has_what_was_reported_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar would appear again, and stay, if the last progress came after the result."""
    waited: list[list[str]] = []
    context = SimpleNamespace(get_accelerator_ids=lambda: {"GPU": ["0"]})
    fake = SimpleNamespace(get_runtime_context=lambda: context, wait=lambda calls, timeout: waited.append(calls))
    monkeypatch.setattr(ray_dispatcher.importlib, "import_module", lambda name: fake)
    monkeypatch.setattr(RemotePlace, "enter", lambda place: None)

    def run_composition(composition: Composition, send: Callable[..., None]) -> tuple[str, str]:
        send("progress", 1, 2, "")
        send("notice", "text")
        return "done", "outcome"

    monkeypatch.setattr(worker, "run_composition", run_composition)
    report = SimpleNamespace(remote=lambda name, kind, *content: f"call of {name}: {kind}")
    assert ray_dispatcher.run_remotely(SimpleNamespace(report=report), "a", A, PLACE) == ("done", "outcome")
    assert waited == [["call of a: notice"]]
