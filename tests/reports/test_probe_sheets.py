"""Contact sheets put models beside each other only where they were asked the same."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd
import pytest

from seqprobe.reports.charts import Chart
from seqprobe.reports.comparison import Comparison, Variant
from seqprobe.reports.probe_sheets import probe_chart
from seqprobe.reports.probed_values import ProbedValues
from seqprobe.reports.run_tables import kept_tables, level_series
from seqprobe.reports.value_charts import MeasuredValues, value_panel
from seqprobe.tracking.artifacts import table_content
from seqprobe.tracking.stores.embedded import EmbeddedStore


def variant(name: str, seeds: int = 2) -> Variant:
    whole = list(range(seeds))
    return Variant(name, name, name, "1", {name: whole}, {}, dict.fromkeys(whole, "finite"))


def curve_table(values: list[float], wrong: float) -> pd.DataFrame:
    rows = [
        (seed, value, x, value * x, value * x + wrong) for seed in (0, 1) for value in values for x in (0.0, 0.5, 1)
    ]
    return pd.DataFrame(rows, columns=["seed", "value", "x", "truth", "prediction"])


def comparison(*names: str) -> Comparison:
    return Comparison("t", {}, {}, [variant(name) for name in names], {}, [], ["p"], {})


def drawn(tables: Mapping[str, pd.DataFrame], kind: str) -> Chart | None:
    """The chart of a probe whose tables of a kind, ``probe_p`` or ``scores_p``, are these."""
    compared = comparison(*tables)

    def kept(of: Variant, name: str) -> pd.DataFrame | None:
        return tables[of.name] if name in (kind, "probe_p") else None

    return probe_chart(compared, "p", compared.variants, kept)


def test_a_model_that_was_asked_other_values_is_left_out() -> None:
    kept = {"rnn": curve_table([1, 2], 0.1), "gru": curve_table([1, 2], 0.2), "lstm": curve_table([5, 9], 0.0)}
    chart = drawn(kept, "probe_p")
    assert chart is not None
    assert [name for _, name in chart.legend] == ["truth", "rnn", "gru"]
    assert "Not shown (other probed values, or no table): lstm." in chart.caption
    first, second = chart.panels
    assert 'aria-label="1"' in first
    assert "<title>rnn at 0.5: 0.6 [0.6, 0.6]</title>" in first
    assert "<title>gru at 1: 2.2 [2.2, 2.2]</title>" in second


def test_named_parameters_are_over_their_true_values() -> None:
    rows = [(seed, value, "slope", value, value + 0.1 * seed) for seed in (0, 1, 2) for value in (0.2, 0.8)]
    table = pd.DataFrame(rows, columns=["seed", "value", "parameter", "truth", "prediction"])
    chart = drawn({"rnn": table}, "probe_p")
    assert chart is not None
    (panel,) = chart.panels
    assert "<title>rnn at 0.8: 0.9 [0.8, 1]</title>" in panel
    assert ">true slope</text>" in panel
    fixed = drawn({"rnn": table.assign(truth=0.2)}, "probe_p")
    assert fixed is not None
    assert "<title>truth: 0.2</title>" in fixed.panels[0]
    assert "<title>rnn: 0.3 [0.2, 0.4]</title>" in fixed.panels[0]


def test_an_inverse_task_is_drawn_by_the_number_of_inputs() -> None:
    rows = [(seed, inputs, z, z + 0.5, z) for seed in (0, 1) for inputs in (2, 3) for z in (0.0, 5.0, 10.0)]
    table = pd.DataFrame(rows, columns=["seed", "inputs", "z", "prediction", "best_possible"])
    chart = drawn({"rnn": table}, "probe_p")
    assert chart is not None
    assert [re.findall('aria-label="([^"]*)"', panel)[0] for panel in chart.panels] == ["2 inputs", "3 inputs"]
    assert "<title>rnn at 5: 5.5 [5.5, 5.5]</title>" in chart.panels[1]
    assert chart.legend[-1] == ("level l1", "best possible")


def test_scores_where_a_probe_has_no_curves() -> None:
    table = pd.DataFrame(
        {"seed": [0, 0, 1, 1], "value": [10, 20, 10, 20], "metric": "accuracy", "score": [0.5, 0.6, 0.7, 1.0]}
    )
    chart = drawn({"rnn": table}, "scores_p")
    assert chart is not None
    (panel,) = chart.panels
    assert re.findall("<title>(rnn at .*?)</title>", panel) == ["rnn at 10: 0.6 [0.5, 0.7]", "rnn at 20: 0.8 [0.6, 1]"]
    words = drawn({"rnn": table.assign(value=["one", "two"] * 2)}, "scores_p")
    assert words is not None
    (panel,) = words.panels
    assert set(re.findall("<title>(.*?)</title>", panel)) == {"rnn: 0.6 [0.5, 0.7]", "rnn: 0.8 [0.6, 1]"}
    assert ">one</text>" in panel


def test_levels_and_training_are_at_the_values_that_they_belong_to() -> None:
    table = pd.DataFrame(
        {
            "seed": [0, 0, 0, 1, 1, 1],
            "value": ["10", "20", "5"] * 2,
            "metric": "accuracy",
            "score": 0.5,
            "chance": [0.1, 0.2, 0.05, 0.3, 0.4, 0.15],
            "band": ["inside", "far", "inside"] * 2,
        }
    )
    chances, names = level_series([table], "value"), ["10", "20", "5"]
    panel = value_panel(MeasuredValues({"rnn": table}, names, chances, {}), ProbedValues.of([table]))
    assert panel.trained == (5, 10)
    at, levels = panel.levels["chance"]
    assert dict(zip(at, levels.round(9), strict=True)) == {10: 0.2, 20: 0.3, 5: 0.1}
    assert ProbedValues.of([table.assign(varied="lag (steps)")]).title("20") == "lag 20 · far"
    assert ProbedValues.of([table.drop(columns="band")]).title("a0.1_w20") == "a0.1, w20"


def test_no_table_no_chart() -> None:
    compared = comparison("rnn")
    assert probe_chart(compared, "p", compared.variants, lambda of, name: None) is None


@pytest.mark.parametrize("content", ["", "\x00\x01", "foo,bar\n1,2\n"])
def test_a_table_that_cannot_be_read_counts_as_missing(content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = EmbeddedStore("/nowhere")
    monkeypatch.setattr(store, "artifact", lambda run, path: content.encode())
    assert kept_tables(store)(variant("rnn"), "snapshots") is None


def test_a_table_is_read_under_its_earlier_name(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"tables/moments.csv": b"seed,update\n0,1\n"}
    store = EmbeddedStore("/nowhere")
    monkeypatch.setattr(store, "artifact", lambda run, path: kept.get(path))
    assert table_content(store, "run", "snapshots") == kept["tables/moments.csv"]
    kept["tables/snapshots.csv"] = b"seed,update\n0,2\n"
    assert table_content(store, "run", "snapshots") == kept["tables/snapshots.csv"]
    assert table_content(store, "run", "moments") == kept["tables/moments.csv"]
    assert table_content(store, "run", "fit") is None


def test_tables_of_several_populations_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"a": "seed,x\n0,1\n1,2\n", "b": "seed,x\n1,9\n2,3\n"}
    store = EmbeddedStore("/nowhere")
    monkeypatch.setattr(store, "artifact", lambda run, path: kept[run].encode())
    both = Variant("m", "m", "b", "1", {"a": [0], "b": [1, 2]}, {}, {})
    table = kept_tables(store)(both, "t")
    assert table is not None
    assert table.to_numpy().tolist() == [[0, 1], [1, 9], [2, 3]]
