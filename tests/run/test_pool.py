"""Requests in a pool that does no more than report: what is shown, what results, and what is left at the end."""

from __future__ import annotations

import io
import signal
from collections.abc import Iterator, Mapping, Sequence

import pytest
from rich.console import Console
from rich.progress import Progress, TextColumn

from seqprobe.config.compose import Composition
from seqprobe.run import pool
from seqprobe.run.outcome import Outcome
from seqprobe.run.pools.job_pool import Message
from seqprobe.run.request import Request, compose

TINY = ["task=line_xy", "trainer.max_steps=5", "seeds=1"]


class ReportingPool:
    """Passes on scripted messages about its first, second, … job.

    Attributes:
        scripts: for each call of ``wait`` the number of a job, and what it reports.
        ended: the arguments of every call of ``end``.
    """

    def __init__(self, *scripts: Sequence[tuple[int, Message]], is_remote: bool = False) -> None:
        self.scripts, self.is_remote = iter(scripts), is_remote
        self.jobs: dict[str, Composition] = {}
        self.ended: list[bool] = []

    def start(self, jobs: Mapping[str, Composition]) -> None:
        self.jobs = dict(jobs)

    def wait(self) -> Sequence[Message]:
        names = list(self.jobs)
        return [Message(names[index], message.kind, message.content) for index, message in next(self.scripts)]

    def end(self, interrupted: bool) -> str:
        self.ended.append(interrupted)
        return "2 jobs go on" if interrupted else ""


def message(kind: str, *content: object) -> Message:
    return Message("", kind, content)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> list[Request]:
    place = f"tracking.dir={tmp_path_factory.mktemp('store')}"
    return [compose([*TINY, f"model={model}", place]) for model in ("rnn", "gru")]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is printed above the bars."""
    text = io.StringIO()
    bars = Progress(TextColumn("{task.fields[words]}"), console=Console(file=text, width=300), auto_refresh=False)
    monkeypatch.setattr(pool, "progress_bars", lambda: bars)
    return text


def test_what_jobs_report_is_shown_and_their_results_are_in_the_order_of_the_requests(
    requests: list[Request], shown: io.StringIO
) -> None:
    reporting = ReportingPool(
        [(0, message("started")), (1, message("started")), (1, message("notice", "a line"))],
        [(1, message("progress", 3, 5, "half way")), (1, message("done", Outcome(0.5, "gru is done", seconds=2.0)))],
        [(0, message("failed", "its machine is away"))],
    )
    first, second = pool.run_requests(requests, reporting)
    assert str(first.error) == "its machine is away"
    assert second.outcome == Outcome(0.5, "gru is done", seconds=2.0)
    lines = [line.strip() for line in shown.getvalue().splitlines() if line.strip()]
    assert "line_xy · gru · max_steps=5: a line" in lines
    assert "done    gru is done  2 s" in lines
    assert "FAILED  line_xy · rnn · max_steps=5: its machine is away" in lines
    assert any(line.startswith("alone: ") and "model=rnn" in line for line in lines)
    assert reporting.ended == [False]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_pool_as_interrupted(
    requests: list[Request], shown: io.StringIO, sent: signal.Signals
) -> None:
    class Interrupted(ReportingPool):
        def wait(self) -> Sequence[Message]:
            signal.raise_signal(sent)
            return []

    signal.signal(sent, signal.SIG_DFL)  # whoever runs the tests may ignore it
    reporting = Interrupted()
    with pytest.raises(KeyboardInterrupt if sent == signal.SIGINT else SystemExit):
        pool.run_requests(requests, reporting)
    assert reporting.ended == [True]
    assert "2 jobs go on" in shown.getvalue()


def test_an_error_ends_the_pool_too(requests: list[Request], shown: io.StringIO) -> None:
    reporting = ReportingPool()
    with pytest.raises(StopIteration):
        pool.run_requests(requests, reporting)
    assert reporting.ended == [False]


def test_what_is_finished_is_not_sent_to_another_machine(
    requests: list[Request], shown: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = {"rnn": Outcome(0.25, "finished before", skipped=True)}
    monkeypatch.setattr(
        pool, "skip_if_finished", lambda request: done.get(request.composition.config["names"]["model"])
    )
    results = {}
    for is_remote in (True, False):
        script = [(index, message("done", Outcome(1.0, "trained"))) for index in range(1 if is_remote else 2)]
        reporting = ReportingPool(script, is_remote=is_remote)
        results[is_remote] = [result.outcome for result in pool.run_requests(requests, reporting)]
        assert len(reporting.jobs) == len(script)
    assert [outcome and outcome.skipped for outcome in results[True]] == [True, False]
    assert [outcome and outcome.skipped for outcome in results[False]] == [False, False]
    assert "skipped finished before" in shown.getvalue()


def test_a_request_has_the_same_name_in_the_next_command(requests: list[Request]) -> None:
    one, other = requests
    names = list(pool.job_names([one, other, one, one]))
    again = list(pool.job_names([compose([*request.composition.overrides, "names.sweep=x"]) for request in requests]))
    assert names[:2] == again
    assert names[2:] == [f"{names[0]}-2", f"{names[0]}-3"]
