"""What a probe returns is refused in words where it could not be recorded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from seqprobe.probes import ProbeResult
from seqprobe.probes.result_check import result_fault
from seqprobe.scoring import RMSE

SEEDS, VALUES = 2, 3
RIGHT: dict[str, Any] = {"labels": ["a", "b", "c"], "scores": {"rmse": np.ones((SEEDS, VALUES))}}
CASES: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"labels": []}, ""),
    ({"scores": {"rmse": np.ones((2, 4))}}, "scores['rmse'] (2, 4), expected (seeds, values) = (2, 3)"),
    ({"scores": {"rmse": np.ones((3, 2))}}, "scores['rmse'] (3, 2), expected (seeds, values) = (2, 3)"),
    ({"scores": {"rmse": np.ones(3)}}, "scores['rmse'] (3,), expected (seeds, values) = (2, 3)"),
    ({"scores": {"rmse": torch.ones(2, 3)}}, "scores['rmse'] as a Tensor, expected a NumPy array of numbers"),
    ({"scores": {"rmse": [[1, 2, 3]] * 2}}, "scores['rmse'] as a list, expected a NumPy array of numbers"),
    ({"scores": {"rmse": np.full((2, 3), "x")}}, "scores['rmse'] as an array of <U1, expected a NumPy array"),
    ({"scores": {"rm/se": np.ones((2, 3))}}, "a score called 'rm/se'; the name of a score is text without a slash"),
    ({"scores": {"mae": np.ones((2, 3))}}, "the scores mae, but its class states rmse"),
    ({"scores": {}}, "the scores nothing, but its class states rmse"),
    ({"labels": [1, 2, 3]}, "labels [1, 2, 3], expected text for each value"),
    ({"labels": ["a", "b", "a"]}, "labels ['a', 'b', 'a'], expected a different one for each value"),
    ({"levels": {"rmse": {"constant": np.ones(3)}}}, "levels['rmse']['constant'] (3,), expected (seeds, values)"),
    ({"overall": {"x": 0.3}}, "overall['x'] as a float, expected a NumPy array of numbers (seeds,) = (2,)"),
    ({"overall": {"x": np.ones(3)}}, "overall['x'] (3,), expected (seeds,) = (2,)"),
    ({"bands": ["inside"]}, "bands ['inside'], expected one of inside, beyond, far for each of 3 values"),
    ({"bands": ["inside", "far", "off"]}, "bands ['inside', 'far', 'off'], expected one of inside, beyond, far"),
    ({"distances": np.ones(2)}, "distances (2,), expected (values,) = (3,)"),
    ({"table": {"x": 1}}, "table a dict, expected a pandas.DataFrame or None"),
]


@pytest.mark.parametrize(("changes", "fault"), CASES, ids=[fault or str(changes) for changes, fault in CASES])
def test_faults_are_named(changes: dict[str, Any], fault: str) -> None:
    result = ProbeResult(**{**RIGHT, **changes})
    assert result_fault(result, SEEDS, (RMSE,))[: len(fault) or None] == fault


def test_what_is_no_result_is_named() -> None:
    assert result_fault(None, 2, ()) == "None, expected a seqprobe.probes.ProbeResult"
    assert result_fault({"rmse": 1}, 2, ()) == "a dict, expected a seqprobe.probes.ProbeResult"
