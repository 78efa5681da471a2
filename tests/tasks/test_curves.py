import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue
from seqprobe.tasks import Task
from seqprobe.tasks.curve_tasks import NameParameters, Reproduce
from seqprobe.tasks.curves import Curve, Hill, Line, Sine

SIN5, SIN10 = -0.9589242746631385, -0.5440211108893698


def draw(task: Task, n: int = 1, seed: int = 0) -> Batch:
    return task.sample(n, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        pytest.param(Line(slope=1, intercept=0.5), [0.5, 1.0, 1.5], id="line"),
        pytest.param(Hill(height=0.3, offset=0.1), [0.1, 0.4, 0.1], id="hill"),
        pytest.param(Sine(amplitude=0.2), [0.2, 0.2 * (1 + SIN5), 0.2 * (1 + SIN10)], id="sine"),
        pytest.param(Sine(2, math.pi, math.pi / 2), [4.0, 2.0, 0.0], id="sine-phase"),
    ],
)
@pytest.mark.parametrize("features", ["y", "xy"])
def test_reproduce_wants_what_it_feeds(curve: Curve, expected: list[float], features: str) -> None:
    batch = draw(Reproduce("t", curve, features, points=3), n=2)
    rows = [[y] if features == "y" else [x, y] for x, y in zip([0, 0.5, 1], expected, strict=True)]
    torch.testing.assert_close(batch.inputs, torch.tensor([rows, rows], dtype=torch.float64), rtol=0, atol=1e-15)
    assert batch.targets.tolist() == batch.inputs.tolist()
    assert batch.lengths.tolist() == [3, 3]


def test_name_parameters_wants_the_parameters_of_what_it_feeds() -> None:
    task = NameParameters("t", Line([0, 0.9], [1, 2]), ["intercept", "slope"], points=3)
    batch = draw(task, n=200)
    intercept, slope = batch.targets.unbind(-1)
    assert (task.kind, task.output_names, task.output_size, task.input_size) == (
        "seq2vec",
        ("intercept", "slope"),
        2,
        1,
    )
    torch.testing.assert_close(batch.inputs[:, 0, 0], intercept, rtol=0, atol=0)
    torch.testing.assert_close(batch.inputs[:, 2, 0], intercept + slope)
    for drawn, low, high in ((slope, 0, 0.9), (intercept, 1, 2)):
        assert low <= drawn.min() < low + 0.05
        assert high - 0.05 < drawn.max() <= high
    assert abs(torch.corrcoef(batch.targets.T)[0, 1]) < 0.2


def test_samples_are_a_function_of_the_generator() -> None:
    task = NameParameters("t", Line([0, 1], [0, 1]), ["slope"], points=3)
    assert draw(task, 5, seed=4).inputs.tolist() == draw(task, 5, seed=4).inputs.tolist()
    assert draw(task, 5, seed=4).inputs.tolist() != draw(task, 5, seed=5).inputs.tolist()


def test_grid_spaces_the_range_evenly() -> None:
    task = NameParameters("t", Sine(amplitude=[0, 0.49]), ["amplitude"], points=4, spacing="grid")
    assert draw(task, 50).targets.squeeze(-1).tolist() == pytest.approx([i / 100 for i in range(50)], abs=1e-15)


@pytest.mark.parametrize(("features", "columns"), [("xy", [False, True]), ("y", [True])])
def test_settled_mask_leaves_out_the_first_tenth_and_x(features: str, columns: list[bool]) -> None:
    mask = Reproduce("t", Line(), features, points=100).settled_mask()
    assert mask.tolist() == [[False] * len(columns)] * 10 + [columns] * 90


def test_only_reproduction_has_a_start_up_stretch() -> None:
    assert NameParameters("t", Line(), ["slope"]).settled_mask() is None


def test_time_axis_is_x() -> None:
    axis, label = Reproduce("t", Line(), points=3).time_axis()
    assert (axis.tolist(), label) == ([0, 0.5, 1], "x")


def test_reference_level_is_the_error_of_the_training_mean() -> None:
    task = NameParameters("t", Line([0, 0.9], [0, 1]), ["slope"], points=3)
    train, val = draw(task, 60), draw(task, 40, seed=1)
    same = task.reference_levels(train, train)
    spread = train.targets.std(correction=0).item()
    assert list(same) == ["constant"]
    assert same["constant"] == pytest.approx((spread, spread**2), abs=1e-15)
    errors = [value - train.targets.mean().item() for value in val.targets.flatten().tolist()]
    expected = math.sqrt(sum(error**2 for error in errors) / 40)
    assert task.reference_levels(train, val)["constant"].score == pytest.approx(expected, abs=1e-15)


def test_reference_level_has_a_constant_per_output() -> None:
    task = Reproduce("t", Line(slope=0, intercept=5), "xy", points=3)
    level = task.reference_levels(draw(task), draw(task))["constant"]
    assert level == pytest.approx((math.sqrt((0.25 + 0 + 0.25) / 6), (0.25 + 0 + 0.25) / 6), abs=1e-15)


@pytest.mark.parametrize(
    ("build", "key"),
    [
        (lambda: Line(slope="steep"), "slope"),
        (lambda: Line(slope=True), "slope"),
        (lambda: Line(intercept=[1, 0]), "intercept"),
        (lambda: Line(intercept=[0, 1, 2]), "intercept"),
        (lambda: Hill(height=math.inf), "height"),
        (lambda: Hill(offset="ab"), "offset"),
        (lambda: Sine(frequency=[0, math.nan]), "frequency"),
        (lambda: Reproduce("t", Line(), features="x"), "features"),
        (lambda: Reproduce("t", Line(), points=1), "points"),
        (lambda: Reproduce("t", Line(), points=2.5), "points"),
        (lambda: Reproduce("t", Line(), spacing="log"), "spacing"),
        (lambda: Reproduce("t", Line([0, 1], [0, 1]), spacing="grid"), "spacing"),
        (lambda: Reproduce("t", Line(), settle_after=1), "settle_after"),
        (lambda: Reproduce("t", Line(), settle_after=-0.1), "settle_after"),
        (lambda: Reproduce("t", Line(), train_size=0), "train_size"),
        (lambda: Reproduce("t", Line(), val_size=True), "val_size"),
        (lambda: NameParameters("t", Line(), ["slope"], batch_size=0), "batch_size"),
        (lambda: NameParameters("t", Line(), ["phase"]), "parameters"),
        (lambda: NameParameters("t", Line(), []), "parameters"),
    ],
)
def test_errors_name_the_key(build: Callable[[], Any], key: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        build()
    assert refused.value.key == key
