"""A probe accepts the tasks that its type parameter names, and refuses others in one line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from seqprobe.checks import InvalidValue
from seqprobe.probes import Probe, ProbeResult
from seqprobe.probes.curve_probes import CurveProbe, ReproductionProbe
from seqprobe.probes.inverse_probes import InverseProbe
from seqprobe.probes.map_probes import CurveMap, TurnstileMap
from seqprobe.probes.probe import Members
from seqprobe.scoring import RMSE, Score
from seqprobe.tasks import Task
from seqprobe.tasks.curve_tasks import CurveTask, NameParameters, Reproduce
from seqprobe.tasks.curves import Line
from seqprobe.tasks.inverse import Inverse
from seqprobe.tasks.remember import Remember
from seqprobe.tasks.turnstile import Turnstile


class AnyProbe(Probe):  # type: ignore[type-arg]  # as users write it
    def run(self, members: Members, task: Task, seeds: Sequence[int]) -> ProbeResult:
        return ProbeResult(["one"], {"rmse": np.zeros((len(seeds), 1))})


class Mine(Remember):
    pass


class MineProbe(Probe[Mine]):
    scores = (RMSE, Score("peak", None))

    def run(self, members: Members, task: Mine, seeds: Sequence[int]) -> ProbeResult:
        raise NotImplementedError  # never called here


@pytest.mark.parametrize(
    ("probe", "task_type"),
    [
        (AnyProbe, Task),
        (CurveProbe, Task),
        (ReproductionProbe, Reproduce),
        (InverseProbe, Inverse),
        (CurveMap, CurveTask),
        (TurnstileMap, Turnstile),
        (MineProbe, Mine),
    ],
)
def test_the_task_type_is_the_type_parameter(probe: type[Probe[Any]], task_type: type[Task]) -> None:
    assert probe.task_type is task_type


@pytest.mark.parametrize("task", [Remember("remember"), Reproduce("line", Line())])
def test_a_probe_without_a_parameter_accepts_any_task(task: Task) -> None:
    AnyProbe().check(task)


@pytest.mark.parametrize(
    ("probe", "task", "noun"),
    [
        (ReproductionProbe(Line(), "slope", [1]), NameParameters("slopes", Line(), ["slope"]), "a curve task"),
        (InverseProbe("noise", [0.1]), Turnstile("turnstile"), "an inverse task"),
        (MineProbe(), Remember("remember"), "a Mine task"),
    ],
)
def test_another_task_is_refused_in_one_line(probe: Probe[Any], task: Task, noun: str) -> None:
    with pytest.raises(InvalidValue) as error:
        probe.check(task)
    assert str(error.value) == f"_target_={type(probe).__name__}: cannot probe task {task.name}: it needs {noun}"


def test_the_main_score_is_the_first() -> None:
    assert MineProbe().main_score == RMSE
    assert AnyProbe().main_score is None
