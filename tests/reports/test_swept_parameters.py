"""Scores over a parameter: which runs belong together, and their chart and table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from reports.members import population

from seqprobe.reports.compare_models import comparisons
from seqprobe.reports.selection import current_members
from seqprobe.reports.swept_charts import member_panel, swept_chart, swept_table, table_title
from seqprobe.reports.swept_parameters import SweptParameter, swept_parameters

SEEDS = (0, 1)


def trained(model: str, overrides: str, values: list[float], **metrics: list[float]) -> pd.DataFrame:
    scores = {"val/rmse": values, "reference/constant": [0.5, 0.5], **metrics}
    return population(model, scores, SEEDS, overrides=overrides, parent_id=f"{model} {overrides}")


def swept(*populations: pd.DataFrame, default: str | None = None) -> list[SweptParameter]:
    current = current_members(pd.concat(populations))
    return swept_parameters(current, comparisons(current), lambda run, key: default)


@pytest.fixture(scope="module")
def lengths() -> SweptParameter:
    runs = [
        trained("rnn", f"task.length={length} trainer.max_steps=9", [0.1, 0.1 * place])
        for place, length in enumerate((20, 5, 10), 1)
    ]
    (parameter,) = swept(*runs, trained("gru", "task.length=5 trainer.max_steps=9", [0.2, 0.3]))
    return parameter


def test_a_parameter_of_the_task_joins_its_settings(lengths: SweptParameter) -> None:
    assert (lengths.title, lengths.values, lengths.is_numeric) == ("sine over task.length", ["5", "10", "20"], True)
    assert list(lengths.series) == ["rnn"]  # gru was trained at one value
    panel = member_panel(lengths, "val/rmse", lengths.scores["val/rmse"])
    positions, members = panel.series["rnn"]
    np.testing.assert_array_equal(positions, [5, 10, 20])
    np.testing.assert_allclose(members, [[0.1, 0.1, 0.1], [0.2, 0.3, 0.1]])
    np.testing.assert_array_equal(panel.levels["constant predictor"][1], [0.5, 0.5, 0.5])


def test_the_chart_has_every_value_and_every_seed(lengths: SweptParameter) -> None:
    chart = swept_chart(lengths)
    assert (chart.name, chart.title) == ("over-task-length", "sine over task.length")
    (panel,) = chart.panels
    assert panel.count('class="seeds') == 3
    assert "<title>rnn at 10: 0.2 [0.1, 0.3]</title>" in panel
    ticks = panel.partition('class="tick middle"')[2]
    assert [f">{value}</text>" in ticks for value in (5, 10, 20)] == [True] * 3


def test_the_table_has_a_row_for_each_value(lengths: SweptParameter) -> None:
    table = swept_table(lengths)
    assert table.index.name == "task.length"
    assert list(table.index) == ["5", "10", "20"]
    assert list(table["rnn"]) == ["0.15 [0.1, 0.2]", "0.2 [0.1, 0.3]", "0.1"]
    assert list(table["constant predictor"]) == ["0.5"] * 3
    assert table_title(lengths) == "sine over task.length: val/rmse, median [interval] over seeds"


def test_other_settings_are_part_of_a_models_name() -> None:
    runs = [
        trained("rnn", f"optimizer.lr={rate} model.hidden_size={size}", [0.1, 0.2])
        for rate in ("0.1", "1e-2")
        for size in (2, 3)
    ]
    by_size, by_rate = swept(*runs)
    assert by_size.key == "model.hidden_size"
    assert list(by_size.series) == ["rnn · optimizer.lr=0.1", "rnn · optimizer.lr=1e-2"]
    assert (by_rate.key, by_rate.values) == ("optimizer.lr", ["0.01", "0.1"])
    assert list(by_rate.series) == ["rnn · model.hidden_size=2", "rnn · model.hidden_size=3"]


def test_a_run_without_the_override_has_the_default_if_that_is_known() -> None:
    runs = trained("rnn", "optimizer.lr=0.1", [0.1, 0.2]), trained("rnn", "", [0.3, 0.4])
    (parameter,) = swept(*runs, default="0.01")
    assert list(swept_table(parameter).index) == ["0.01", "0.1"]
    assert swept(*runs) == []


def test_words_have_rows(lengths: SweptParameter) -> None:
    runs = [trained("rnn", f"optimizer={name}", [0.1, 0.2]) for name in ("sgd", "adam")]
    (parameter,) = swept(*runs)
    assert (parameter.values, parameter.is_numeric) == (["adam", "sgd"], False)
    (panel,) = swept_chart(parameter).panels
    assert ">adam</text>" in panel
    assert ">sgd</text>" in panel
    assert panel.count('class="seeds') == 2


def test_how_a_run_is_recorded_is_no_parameter() -> None:
    runs = [trained("rnn", f"trainer.val_every={every}", [0.1, 0.2]) for every in (1, 2)]
    assert swept(*runs) == []


def test_a_score_that_was_measured_at_one_value_has_no_panel() -> None:
    probed = trained("rnn", "task.length=5", [0.1, 0.2], **{"probe/lag/far/rmse": [0.3, 0.3]})
    (parameter,) = swept(probed, trained("rnn", "task.length=6", [0.1, 0.2]))
    assert list(parameter.scores) == ["val/rmse", "probe/lag/far/rmse"]
    assert len(swept_chart(parameter).panels) == 1
