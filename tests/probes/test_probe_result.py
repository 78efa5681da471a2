"""What is recorded of a probe: means over bands, scores at values, and the levels to read them against."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from seqprobe.probes import ProbeResult
from seqprobe.probes.bands import variation
from seqprobe.scoring import RMSE, MetricName, Score

VALUES = [1, 2, 3, 4, 9]
SCORES = {"peak": np.arange(10.0).reshape(2, 5), "rmse": np.array([[1.0, 2, 4, 6, 8], [3, 5, 7, 9, 11]])}
RESULT = ProbeResult(
    [str(value) for value in VALUES],
    SCORES,
    levels={"rmse": {"constant": np.array([[2.0, 2, 4, 8, 9], [2, 4, 4, 8, 9]])}},
    **variation("size", VALUES, (1.0, 2.0)),
)


def test_means_are_taken_band_by_band() -> None:
    means = RESULT.mean_metrics("p", "rmse")
    assert {name: values.tolist() for name, values in means.items()} == {
        "probe/p/inside/rmse": [1.5, 4.0],
        "probe/p/beyond/rmse": [4.0, 7.0],
        "probe/p/far/rmse": [7.0, 10.0],
    }


def test_without_bands_there_is_one_mean() -> None:
    result = replace(RESULT, bands=(), distances=None)
    assert result.mean_metrics("p", "rmse")["probe/p/rmse"].tolist() == [4.2, 7.0]


def test_levels_follow_the_bands_of_the_main_measure() -> None:
    recorded = RESULT.all_scores("p", [RMSE])
    levels = {name: values.tolist() for name, values in recorded.items() if name.startswith("reference/")}
    assert levels == {
        "reference/probe/p/inside/rmse/constant": [2.0, 3.0],
        "reference/probe/p/beyond/rmse/constant": [4.0, 4.0],
        "reference/probe/p/far/rmse/constant": [8.5, 8.5],
    }
    assert len(recorded) == 3 + 3 + 2 * 5


def test_the_first_measure_is_the_main_one_if_none_is_stated_or_known() -> None:
    assert RESULT.main_measure() == "rmse"
    assert RESULT.main_measure([Score("peak", None)]) == "peak"
    assert ProbeResult(["1"], {"a": np.zeros((1, 1)), "b": np.zeros((1, 1))}).main_measure() == "a"


def test_the_rows_have_bands_and_a_column_for_each_role() -> None:
    rows = RESULT.rows([7, 3])
    assert list(rows.columns) == ["seed", "varied", "value", "distance", "band", "metric", "score", "constant"]
    assert len(rows) == 2 * 2 * 5
    (row,) = rows.query("seed == 3 and value == '4' and metric == 'rmse'").to_dict("records")
    assert row == {
        "seed": 3,
        "varied": "size",
        "value": "4",
        "distance": 2.0,
        "band": "far",
        "metric": "rmse",
        "score": 9.0,
        "constant": 8.0,
    }
    assert rows.query("metric == 'peak'")["constant"].isna().all()


def test_a_probe_of_levels_alone_records_them_in_its_table() -> None:
    result = ProbeResult(["1", "2"], {}, levels={"mse": {"floor": np.array([[0.5, 0.25]])}})
    assert result.all_scores("p") == {}
    assert result.rows([0])["floor"].tolist() == [0.5, 0.25]
    assert result.rows([0])["score"].isna().all()


@pytest.mark.parametrize("label", ["inside", "beyond", "far", "value inside", "value x", "a/b"])
def test_a_value_that_is_called_like_a_band_is_none(label: str) -> None:
    (name,) = ProbeResult([label], {"rmse": np.zeros((1, 1))}).value_metrics("p")
    assert MetricName.parse(name) == MetricName("probe", "rmse", "p", value=label)
