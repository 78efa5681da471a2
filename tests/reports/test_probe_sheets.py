"""Contact sheets put models beside each other only where they were asked the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seqprobe.reports.comparison import Variant
from seqprobe.reports.probe_sheets import probe_sheet
from seqprobe.reports.run_tables import kept_tables
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


def test_a_model_that_was_asked_other_values_is_left_out() -> None:
    kept = {"rnn": curve_table([1, 2], 0.1), "gru": curve_table([1, 2], 0.2), "lstm": curve_table([5, 9], 0.0)}
    found = probe_sheet(
        "p",
        None,
        [variant(name) for name in kept],
        lambda each, name: kept[each.name] if name == "probe_p" else None,
        "t",
        {},
    )
    assert found is not None
    figure, names = found
    assert names == ["rnn", "gru"]
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["rnn", "gru"]
    np.testing.assert_allclose(figure.axes[1].lines[1].get_ydata(), [0, 1, 2])


def test_scores_where_a_probe_has_no_curves() -> None:
    table = pd.DataFrame(
        {"seed": [0, 0, 1, 1], "value": [10, 20, 10, 20], "metric": "accuracy", "score": [0.5, 0.6, 0.7, 1.0]}
    )
    found = probe_sheet("p", None, [variant("rnn")], lambda each, name: table, "t", {})
    assert found is not None
    (axes,) = found[0].axes
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [0.6, 0.8])


def test_levels_are_at_the_values_that_they_belong_to() -> None:
    table = pd.DataFrame(
        {
            "seed": [0, 0, 0, 1, 1, 1],
            "value": [10, 20, 5] * 2,
            "metric": "accuracy",
            "score": 0.5,
            "chance": [0.1, 0.2, 0.05, 0.3, 0.4, 0.15],
        }
    )
    drawn = probe_sheet("p", None, [variant("rnn")], lambda of, name: table, "t", {"constant predictor": 0.9})
    assert drawn is not None
    (axes,) = drawn[0].axes
    lines = {line.get_label(): line for line in axes.lines}
    assert [label.get_text() for label in axes.get_xticklabels()] == ["10", "20", "5"]
    np.testing.assert_allclose(lines["chance"].get_xdata(), [0, 1, 2])
    np.testing.assert_allclose(lines["chance"].get_ydata(), [0.2, 0.3, 0.1])
    assert "constant predictor (0.9)" not in lines


def test_no_table_no_sheet() -> None:
    assert probe_sheet("p", None, [variant("rnn")], lambda each, name: None, "t", {}) is None


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
