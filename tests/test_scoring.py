"""Metric names are built and parsed in one place, so both directions have to agree."""

from __future__ import annotations

import pytest

from seqprobe.scoring import MetricName


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
