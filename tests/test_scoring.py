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
        ("probe/amplitude/beyond/rmse", MetricName("probe", "rmse", "amplitude", band="beyond")),
        ("probe/where/value inside/rmse", MetricName("probe", "rmse", "where", "inside")),
        ("reference/constant", MetricName("reference", "", role="constant")),
        ("reference/probe/lag/accuracy/chance", MetricName("reference", "accuracy", "lag", role="chance")),
        (
            "reference/probe/lag/far/accuracy/chance",
            MetricName("reference", "accuracy", "lag", band="far", role="chance"),
        ),
        ("reference/probe/lag/5/accuracy/floor", MetricName("reference", "accuracy", "lag", "5", role="floor")),
        ("reference", MetricName("reference", "")),
        ("members_finite", MetricName("members_finite", "")),
    ],
)
def test_a_name_and_its_parts(name: str, parts: MetricName) -> None:
    assert MetricName.parse(name) == parts
    assert str(parts).rstrip("/") == name


@pytest.mark.parametrize(
    ("earlier", "now"),
    [
        ("reference/constant predictor", "reference/constant"),
        ("reference/Bayes floor", "reference/floor"),
        ("probe/held_out/ideal_loss", "reference/probe/held_out/loss/floor"),
        ("probe/length/2/ideal_mse", "reference/probe/length/2/mse/floor"),
        ("probe/length/500/always_wait", "reference/probe/length/500/accuracy/constant"),
    ],
)
def test_levels_of_earlier_versions_are_levels(earlier: str, now: str) -> None:
    assert str(MetricName.parse(earlier)) == now
    assert MetricName.parse(now) == MetricName.parse(earlier)


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
