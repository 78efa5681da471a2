"""What a tuning's space may be, and the overrides that its values become."""

from __future__ import annotations

import pytest

from seqprobe.checks import InvalidValue
from seqprobe.config.search_space import Dimension, parse_space


def test_ranges_and_names() -> None:
    space = {"optimizer.lr": [1e-4, 1, "log"], "model.hidden_size": [4, 64, "log", "int"], "optimizer": ["adam", "sgd"]}
    assert parse_space(space) == [
        Dimension("optimizer.lr", 1e-4, 1.0, frozenset({"log"})),
        Dimension("model.hidden_size", 4.0, 64.0, frozenset({"log", "int"})),
        Dimension("optimizer", choices=["adam", "sgd"]),
    ]


def test_values_become_overrides_with_few_digits_inside_the_range() -> None:
    rate, size, name = (
        Dimension("lr", 1e-4, 0.33333333, frozenset({"log"})),
        Dimension("size", 4, 64, frozenset({"int"})),
        Dimension("x", choices=["a b", "c"]),
    )
    assert [rate.override(rate.rounded(value)) for value in (0.0123456, 0.33333332)] == ["lr=0.01235", "lr=0.3333"]
    assert rate.rounded(1e-4) == 1e-4
    assert size.override(size.rounded(7.0)) == "size=7"
    assert [name.override(value) for value in name.ends] == ['x="a b"', "x=c"]
    assert rate.ends == (1e-4, 0.3333)


def test_what_is_at_an_edge() -> None:
    rate = Dimension("lr", 1e-4, 1, frozenset({"log"}))
    assert [rate.is_edge(value) for value in (1.05e-4, 0.01, 0.99)] == [True, False, True]
    assert not Dimension("x", choices=["a"]).is_edge("a")


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (None, "space=null: must name settings"),
        ({}, "space={…}: must name settings"),
        ({"lr": 3}, "space.lr=3: must be [low, high]"),
        ({"lr": [1]}, "space.lr=[1]: must be [low, high]"),
        ({"lr": [0, 1, "linear"]}, "space.lr=[0,1,linear]: must be [low, high]"),
        ({"lr": [0, 1, "int", "int"]}, "space.lr=[0,1,int,int]: must be [low, high]"),
        ({"lr": [1, 0]}, "space.lr=[1,0]: is upside down"),
        ({"lr": [0, 1, "log"]}, "space.lr=[0,1,log]: a range with log begins above 0"),
        ({"lr": [0.5, 1, "int"]}, "space.lr=[0.5,1,int]: a range with int ends at whole numbers"),
        ({"lr": [0, float("inf")]}, "space.lr=inf: must be a finite number"),
        ({"optimizer": ["adam", "adam"]}, "space.optimizer=[adam,adam]: names a choice twice"),
    ],
)
def test_what_is_no_space(space: object, message: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_space(space)
    assert str(caught.value).startswith(message)
