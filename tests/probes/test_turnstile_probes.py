"""What is asked of networks that work the turnstile, by members whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from probes.function_members import FunctionMembers

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue
from seqprobe.probes.turnstile_probes import Counting, States, TurnstileProbe
from seqprobe.tasks.remember import Remember
from seqprobe.tasks.turnstile import Turnstile, operate

TASK = Turnstile("turnstile", 0.5, 20)


def right(batch: Batch) -> np.ndarray:
    return np.eye(2)[batch.targets.numpy()]


def wait(batch: Batch) -> np.ndarray:
    return np.eye(2)[np.zeros_like(batch.targets.numpy())]


def wrong_once(batch: Batch) -> np.ndarray:
    answers = batch.targets.numpy().copy()
    answers[:, 0] = 1
    return np.eye(2)[answers]


def lost(batch: Batch) -> np.ndarray:
    return np.full((*batch.targets.shape, 2), np.nan)


def test_accuracies_are_those_of_the_members() -> None:
    probe = TurnstileProbe("length", [5, 40], steps=400)
    result = probe.run(FunctionMembers([right, wait, wrong_once, lost]), TASK, [0, 1, 2, 3])
    assert result.scores["accuracy"][0].tolist() == result.scores["sequences"][0].tolist() == [1, 1]
    for measure in ("accuracy", "sequences"):
        np.testing.assert_array_equal(result.scores[measure][1], result.levels[measure]["constant"][1])
    np.testing.assert_allclose(result.scores["accuracy"][2], [0.8, 0.975])
    assert result.scores["sequences"][2].tolist() == [0, 0]
    assert np.isnan(result.scores["accuracy"][3]).all()
    assert np.isnan(result.scores["sequences"][3]).all()


@pytest.mark.parametrize(
    ("vary", "values", "varied", "distances"),
    [
        ("length", [5, 20, 100], "length (steps)", [-15, 0, 80]),
        ("coin_probability", [0.0, 0.25, 0.5, 1.0], "coin probability", [-0.25, 0, 0, 0.5]),
    ],
)
def test_distances_are_those_from_training(vary: str, values: list[float], varied: str, distances: list[float]) -> None:
    mixed = Turnstile("turnstile", [0.25, 0.5], 20)
    result = TurnstileProbe(vary, values, steps=40).run(FunctionMembers([right]), mixed, [0])
    assert result.varied == varied
    assert result.distances is not None
    assert result.distances.tolist() == distances


def test_as_many_steps_are_asked_at_every_length() -> None:
    shapes: list[tuple[int, ...]] = []

    def remember(batch: Batch) -> np.ndarray:
        shapes.append(tuple(batch.targets.shape))
        return right(batch)

    TurnstileProbe("length", [10, 100, 1000], steps=500).run(FunctionMembers([remember]), TASK, [0])
    assert shapes == [(50, 10), (5, 100), (2, 1000)]


def test_coins_are_as_rare_as_asked_for() -> None:
    result = TurnstileProbe("coin_probability", [0.0, 0.1, 0.5], steps=20_000).run(FunctionMembers([right]), TASK, [0])
    always = result.levels["accuracy"]["constant"][0]
    assert always[0] == 1
    assert always[1] > always[2]


def test_counts_have_to_be_exact() -> None:
    def counting(batch: Batch) -> dict[str, np.ndarray]:
        return {"0.hidden": batch.inputs.cumsum(1).numpy()}

    def slipping(batch: Batch) -> dict[str, np.ndarray]:
        return {"0.hidden": np.add(batch.inputs.cumsum(1).numpy(), [0, 1])}

    result = Counting([30], steps=300).run(FunctionMembers([right, right], [counting, slipping]), TASK, [0, 1])
    assert result.scores["coins"].tolist() == [[1], [1]]
    assert result.scores["pushes"].tolist() == [[1], [0]]
    assert 0 < result.scores["passages"][0, 0] < 0.6  # right until someone pushes in vain


def test_states_are_readable_where_the_hidden_state_has_them() -> None:
    def readable_states(batch: Batch) -> dict[str, np.ndarray]:
        return {"0.hidden": np.eye(3)[operate(batch.inputs.argmax(-1))[1].numpy()]}

    def constant(batch: Batch) -> dict[str, np.ndarray]:
        return {"0.hidden": np.ones((*batch.targets.shape, 3))}

    def diverged(batch: Batch) -> dict[str, np.ndarray]:
        return {"0.hidden": np.full((*batch.targets.shape, 3), np.nan)}

    before = FunctionMembers([right, right], [constant, constant])
    result = States().run(FunctionMembers([right, right], [readable_states, diverged], before), TASK, [0, 1])
    assert list(result.labels) == ["trained", "untrained"]
    assert result.scores["readable"][0, 0] == 1
    assert result.scores["readable"][0, 1] < 0.5
    assert np.isnan(result.scores["readable"][1, 0])
    drawing = States().draw(result, TASK, "title")
    assert len(drawing.axes) == 1  # the member that diverged has no panel
    assert drawing.axes[0].get_title(loc="right").startswith("readable 100%")


def test_other_tasks_and_values_are_refused() -> None:
    with pytest.raises(InvalidValue, match="cannot probe task remember"):
        TurnstileProbe("length", [3]).check(Remember("remember"))
    with pytest.raises(InvalidValue, match=r"^values="):
        TurnstileProbe("coin_probability", [1.5])
    with pytest.raises(InvalidValue, match=r"^vary="):
        TurnstileProbe("noise", [1])
