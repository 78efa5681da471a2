"""Shapes are read strictly, and a training run of a shape has its sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from seqprobe.bench.shapes import Shape, plain_experiment, read_shapes, shape_experiment
from seqprobe.checks import InvalidValue
from seqprobe.config.compose import Plain

MODELS: dict[str, Any] = {"rnn": {}, "lstm": {}}
SIZES = {"model": "rnn", "batch": 2, "time": 3, "hidden": 4}
RATIOS = "must be ratios by number of seeds, as {16: 15}, or null"


def without(key: str) -> dict[str, object]:
    return {name: value for name, value in SIZES.items() if name != key}


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        (3, "shapes=3: must be a list of shapes, {model: lstm"),
        ([], "shapes=[]: must be a list of shapes, {model: lstm"),
        (SIZES, "shapes={…}: must be a list of shapes"),
        ([SIZES, 3], "shapes[1]=3: must be a shape, as {model: lstm"),
        (
            [{**SIZES, "width": 3}],
            "shapes[0].width=3: unknown key; allowed here: model, batch, time, hidden, goals, bare",
        ),
        ([{**SIZES, "model": "foo"}], "shapes[0].model=foo: must be one of rnn, lstm"),
        ([{**SIZES, "model": ["rnn"]}], "shapes[0].model=[rnn]: must be one of rnn, lstm"),
        ([without("model")], "shapes[0].model=null: must be one of rnn, lstm"),
        ([SIZES, {**SIZES, "batch": 0}], "shapes[1].batch=0: must be an integer >= 1"),
        ([{**SIZES, "time": 1.5}], "shapes[0].time=1.5: must be an integer >= 2"),
        ([{**SIZES, "time": 1}], "shapes[0].time=1: must be an integer >= 2"),
        ([SIZES, {**SIZES, "bare": 2}], "shapes=[rnn B2 T3 H4,rnn B2 T3 H4]: must not have duplicates"),
        ([{**SIZES, "hidden": "many"}], "shapes[0].hidden=many: must be an integer >= 1"),
        ([without("hidden")], "shapes[0].hidden=null: must be an integer >= 1"),
        ([{**SIZES, "goals": 3}], f"shapes[0].goals=3: {RATIOS}"),
        ([{**SIZES, "goals": [3]}], f"shapes[0].goals=[3]: {RATIOS}"),
        ([{**SIZES, "goals": {"x": 3}}], "shapes[0].goals=x: must be an integer >= 1"),
        ([{**SIZES, "goals": {16: "x"}}], "shapes[0].goals.16=x: must be a finite number"),
        ([{**SIZES, "bare": "x"}], "shapes[0].bare=x: must be a finite number"),
    ],
)
def test_a_refusal_names_key_value_and_what_is_allowed(nodes: Any, message: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        read_shapes(nodes, MODELS)
    assert str(refused.value).startswith(message)


def test_shapes_are_read_as_they_stand() -> None:
    goals = {"goals": {16: 15, 256: 30}, "bare": 1.3}
    nodes = [SIZES, {**SIZES, "model": "lstm", **goals}, {**SIZES, "batch": 1, "goals": None, "bare": None}]
    shapes = read_shapes(nodes, MODELS)
    assert shapes == [
        Shape("rnn", 2, 3, 4, {}, None),
        Shape("lstm", 2, 3, 4, {16: 15.0, 256: 30.0}, 1.3),
        Shape("rnn", 1, 3, 4, {}, None),
    ]
    assert [str(shape) for shape in shapes] == ["rnn B2 T3 H4", "lstm B2 T3 H4", "rnn B1 T3 H4"]


@pytest.mark.parametrize(
    ("updates", "val_every", "validated"),
    [(10, 50, 10), (50, 50, 50), (1000, 50, 50), (1000, None, 1000), (1, 50, 1)],
)
def test_a_runs_sizes(composed: Callable[..., Plain], updates: int, val_every: int | None, validated: int) -> None:
    config = composed(f"trainer.val_every={'null' if val_every is None else val_every}")
    plain = plain_experiment(config, Shape("gru", 20, 7, 5), [3, 4], "looped", updates)
    task = plain["task"]
    assert (task["points"], task["batch_size"], task["train_size"]) == (7, 20, 20 * 200)
    assert task["val_size"] == 20 * validated // 10
    assert (plain["trainer"]["max_steps"], plain["trainer"]["val_every"]) == (updates, val_every)
    assert (plain["seeds"], plain["engine"], plain["model"]["hidden_size"]) == ([3, 4], "looped", 5)
    assert plain["names"] == {"task": "amplitude", "model": "gru", "preset": None, "overrides": None, "sweep": None}


def test_a_batch_of_one_is_validated_with_a_sequence_at_least(composed: Callable[..., Plain]) -> None:
    assert plain_experiment(composed(), Shape("rnn", 1, 3, 4), [0], "auto", 1)["task"]["val_size"] == 1


def test_the_benchmarks_own_config_is_left_as_it_is(composed: Callable[..., Plain]) -> None:
    config, untouched = composed(), composed()
    plain_experiment(config, Shape("rnn", 2, 3, 4), [0], "auto", 10)["task"]["curve"]["frequency"] = 99
    assert config == untouched


@pytest.mark.parametrize("model", ["rnn", "lstm", "gru"])
def test_what_is_built_has_these_sizes(composed: Callable[..., Plain], model: str) -> None:
    built = shape_experiment(composed(), Shape(model, 2, 6, 5), [0, 1], "stacked", 12)
    network: Any = built.build_network()
    assert (network.layers[0].input_size, network.layers[0].hidden_size) == (1, 5)
    assert (built.task.max_length, built.task.batch_size, built.task.kind) == (6, 2, "seq2vec")
    assert (list(built.seeds), built.engine, built.trainer.max_steps, built.probes) == ([0, 1], "stacked", 12, {})


def test_every_shape_of_the_benchmark_can_be_built(composed: Callable[..., Plain]) -> None:
    config = composed()
    shapes = read_shapes(config["shapes"], config["models"])
    assert len(set(map(str, shapes))) == len(shapes) == len(config["shapes"])
    for shape in shapes:
        shape_experiment(config, shape, [0], "auto", 1)
