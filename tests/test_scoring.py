"""Metric names are built and parsed in one place, so both directions have to agree."""

from __future__ import annotations

from typing import Any

import pytest

from seqprobe.checks import InvalidValue
from seqprobe.scoring import MetricName, Score


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("train/loss", MetricName("train", "loss")),
        ("val/rmse", MetricName("val", "rmse")),
        ("best/val/rmse", MetricName("best", "rmse")),
        ("probe/amplitude/rmse", MetricName("probe", "rmse", "amplitude")),
        ("probe/amplitude/0.4/rmse", MetricName("probe", "rmse", "amplitude", "0.4")),
        ("probe/map/a/b/rmse", MetricName("probe", "rmse", "map", "a/b")),
        ("reference/constant", MetricName("reference", "constant")),
        ("members_finite", MetricName("members_finite", "")),
    ],
)
def test_a_name_and_its_parts(name: str, parts: MetricName) -> None:
    assert MetricName.parse(name) == parts
    assert str(parts).rstrip("/") == name


@pytest.mark.parametrize(
    ("name", "better", "message"),
    [
        ("y", "max", "better=max: score y: must be lower, higher or None"),
        ("a/b", "lower", "name=a/b: the name of a score must be text without a slash, and not empty"),
        ("", None, "name=: the name of a score must be text without a slash, and not empty"),
        (3, None, "name=3: the name of a score must be text without a slash, and not empty"),
    ],
)
def test_a_score_that_could_not_be_ranked_or_read_is_refused(name: Any, better: Any, message: str) -> None:
    with pytest.raises(InvalidValue) as error:
        Score(name, better)
    assert str(error.value) == message
