"""What is asked of networks that invert the wavy function, by members whose answers are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from probes.function_members import Answer, FunctionMembers

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue
from seqprobe.probes.inverse_probes import InverseGrid, InverseProbe
from seqprobe.tasks.inverse import Inverse, wavy
from seqprobe.tasks.turnstile import Turnstile

TASK = Inverse("inverse", [2, 3])


def right(batch: Batch) -> np.ndarray:
    return batch.targets.numpy()


def ideal(batch: Batch) -> np.ndarray:
    return TASK.posterior_mean(batch).numpy()[:, None]


def off(by: float) -> Answer:
    return lambda batch: batch.targets.numpy() + by


def lost(batch: Batch) -> np.ndarray:
    return np.full(batch.targets.shape, np.nan)


@pytest.mark.parametrize(
    ("vary", "values", "distances"),
    [
        ("noise", [0.0, 0.1, 0.5], [-0.1, 0, 0.4]),
        ("length", [2, 3, 6], [0, 0, 3]),
        ("target", [-3.0, 5.0, 12.0], [-3, 0, 2]),
    ],
)
def test_errors_are_those_of_the_members(vary: str, values: list[Any], distances: list[float]) -> None:
    result = InverseProbe(vary, values, size=60).run(
        FunctionMembers([right, off(0.5), ideal, lost]), TASK, [0, 1, 2, 3]
    )
    assert list(result.labels) == [str(value) for value in values]
    np.testing.assert_allclose(result.distances, distances)
    np.testing.assert_allclose(result.scores["mse"][:2], [[0] * 3, [0.25] * 3], atol=1e-12)
    np.testing.assert_allclose(result.scores["rmse"][1], [0.5] * 3, atol=1e-12)
    floor = result.levels["mse"]["floor"]
    expects = result.scores["mse"][2]  # of who expects the training distribution
    like_training = [vary == "length" or value == TASK.noise for value in values]
    np.testing.assert_allclose(floor[2][like_training], expects[like_training], atol=1e-12)
    assert (floor[2] <= expects + 1e-12).all()
    assert (floor < result.levels["mse"]["constant"]).all()
    np.testing.assert_allclose(result.levels["rmse"]["floor"], np.sqrt(floor))
    assert np.isnan(result.scores["mse"][3]).all()


def test_the_constant_predictor_names_the_middle_of_the_training_range() -> None:
    result = InverseProbe("target", [5.0, 12.0], size=4_000).run(FunctionMembers([right]), TASK, [0])
    # z within 1 of the value, uniformly: a variance of 1 / 3 around it
    np.testing.assert_allclose(result.levels["mse"]["constant"], [[1 / 3, 49 + 1 / 3]], rtol=0.05)


def test_what_varies_is_what_was_asked_for() -> None:
    seen: list[Batch] = []

    def remember(batch: Batch) -> np.ndarray:
        seen.append(batch)
        return batch.targets.numpy()

    InverseProbe("target", [-3.0], size=200).run(FunctionMembers([remember]), TASK, [0])
    assert (seen[0].targets.min().item(), seen[0].targets.max().item()) == pytest.approx((-4, -2), abs=0.05)
    InverseProbe("length", [6], size=20).run(FunctionMembers([remember]), TASK, [0])
    assert seen[1].lengths.unique().tolist() == [6]
    InverseProbe("noise", [0.0], size=20).run(FunctionMembers([remember]), TASK, [0])
    back = seen[2].inputs[:, 0, 0] * TASK.deviation + TASK.mean
    np.testing.assert_allclose(back, wavy(seen[2].targets[:, 0]), atol=1e-12)


def test_a_member_is_asked_the_same_whoever_runs_along() -> None:
    probe = InverseProbe("noise", [0.2], size=30)
    together = probe.run(FunctionMembers([off(1), ideal]), TASK, [7, 3]).scores["mse"][1]
    assert together.tolist() == probe.run(FunctionMembers([ideal]), TASK, [3]).scores["mse"][0].tolist()


def test_the_grid_asks_without_noise_for_every_length() -> None:
    result = InverseGrid().run(FunctionMembers([right, off(0.1)]), TASK, [0, 1])
    assert list(result.labels) == ["2", "3"]
    np.testing.assert_allclose(result.scores["rmse"], [[0, 0], [0.1, 0.1]], atol=1e-12)
    np.testing.assert_allclose(result.levels["rmse"]["constant"], 10 / np.sqrt(12), rtol=0.01)
    floor = result.levels["rmse"]["floor"]
    assert (floor < np.sqrt(((result.arrays["ideal"] - result.arrays["z"]) ** 2).mean(1))).all()
    z = result.arrays["z"]
    assert (z[0], z[-1], len(z)) == (0, 10, 200)
    assert result.table is not None
    assert len(result.table) == 2 * 2 * 200


@pytest.mark.parametrize("probe", [InverseProbe("noise", [0.1]), InverseGrid()])
def test_other_tasks_are_refused(probe: Any) -> None:
    with pytest.raises(InvalidValue, match=r"^_target_=.*cannot probe task turnstile"):
        probe.check(Turnstile("turnstile"))


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (("foo", [1]), "vary"),
        (("noise", []), "values"),
        (("noise", [-1.0]), "values"),
        (("length", [0]), "values"),
        (("length", [2.5]), "values"),
        (("target", "3"), "values"),
    ],
)
def test_a_wrong_argument_is_named(arguments: tuple[Any, ...], key: str) -> None:
    with pytest.raises(InvalidValue, match=f"^{key}="):
        InverseProbe(*arguments)
