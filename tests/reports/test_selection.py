"""The tidy frame, and which runs are compared."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from reports.members import population

from seqprobe.reports.selection import TIDY, current_members, name_columns, select, tidy


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("val/rmse", ("validation", "", "", "rmse")),
        ("train/loss", ("training", "", "", "loss")),
        ("best/val/loss", ("best", "", "", "loss")),
        ("reference/floor", ("reference", "", "floor", "val/rmse")),
        ("reference/Bayes floor", ("reference", "", "floor", "val/rmse")),
        ("reference/probe/lag/far/rmse/chance", ("reference", "far", "chance", "probe/lag/far/rmse")),
        ("probe/amplitude/rmse", ("amplitude", "", "mean", "rmse")),
        ("probe/amplitude/beyond/rmse", ("amplitude", "beyond", "mean", "rmse")),
        ("probe/frequency/a0.1_w10/peak", ("frequency", "", "a0.1_w10", "peak")),
        ("", ("", "", "", "")),
    ],
)
def test_a_metrics_name(name: str, expected: tuple[str, str, str, str]) -> None:
    assert name_columns(name, "rmse") == expected


def test_one_row_per_member_probe_value_and_metric() -> None:
    rows = population("lstm", {"val/rmse": [0.1, 0.2], "probe/amplitude/0.5/rmse": [0.3, np.nan]}, seeds=[3, 4])
    found = tidy(rows)
    assert list(found.columns) == TIDY
    assert found[["seed", "probe", "value", "metric"]].to_numpy().tolist() == [
        [3, "validation", "", "rmse"],
        [4, "validation", "", "rmse"],
        [3, "amplitude", "0.5", "rmse"],
        [4, "amplitude", "0.5", "rmse"],
    ]
    np.testing.assert_array_equal(found["score"], [0.1, 0.2, 0.3, np.nan])
    assert found["started"].iloc[0] == pd.Timestamp("1970-01-01 00:00:01", tz="UTC")


def test_a_reference_level_tells_of_which_metric_it_is() -> None:
    rows = tidy(population("lstm", {"val/accuracy": [0.9], "val/loss": [0.1], "reference/chance": [0.25]}, seeds=[3]))
    (level,) = rows[rows["probe"] == "reference"].to_dict("records")
    assert (level["value"], level["metric"], level["score"]) == ("chance", "val/accuracy", 0.25)
    assert level["better"] == "higher"


def test_a_later_training_of_the_same_name_replaces_an_earlier_one() -> None:
    old = population("lstm", {"val/rmse": [0.9] * 5}, training="old", parent_id="a", started=1)
    new = population("lstm", {"val/rmse": [0.1, 0.2]}, seeds=[0, 1], training="new", parent_id="b", started=2)
    other = population(
        "lstm", {"val/rmse": [0.5]}, seeds=[0], overrides="model.hidden_size=2", parent_id="c", started=0
    )
    found = current_members(pd.concat([old, new, other]))
    assert sorted(found["value"]) == [0.1, 0.2, 0.5]
    assert set(found["variant"]) == {"lstm", "lstm · model.hidden_size=2"}


def test_seeds_of_several_populations_are_one_model_and_a_finished_run_counts_before_a_failed_one() -> None:
    first = population("gru", {"val/rmse": [0.1, 0.2]}, seeds=[0, 1], parent_id="a", started=1)
    more = population("gru", {"val/rmse": [0.3, 0.4]}, seeds=[1, 2], parent_id="b", started=2)
    failed = population("gru", {"": [np.nan]}, seeds=[2], parent_id="c", started=3, status="FAILED")
    found = current_members(pd.concat([first, more, failed]))
    assert dict(zip(found["seed"], found["value"], strict=True)) == {0: 0.1, 1: 0.3, 2: 0.4}


def test_a_newer_training_that_failed_does_not_hide_one_that_finished() -> None:
    done = population("gru", {"val/rmse": [0.1, 0.2]}, seeds=[0, 1], training="old", parent_id="a", started=1)
    failed = population("gru", {"": [np.nan]}, seeds=[0], training="new", parent_id="b", started=2, status="FAILED")
    assert list(current_members(pd.concat([done, failed]))["value"]) == [0.1, 0.2]


def test_overrides_in_another_order_are_the_same_and_values_may_have_spaces() -> None:
    one = population("gru", {"val/rmse": [0.1]}, [0], overrides="a.b=[1, 2] c=3", parent_id="a", started=1)
    other = population("gru", {"val/rmse": [0.2]}, [0], overrides="c=3 a.b=[1, 2]", parent_id="b", started=2)
    another = population("gru", {"val/rmse": [0.3]}, [0], overrides="c=4", parent_id="c")
    found = current_members(pd.concat([one, other, another]))
    assert dict(zip(found["variant"], found["value"], strict=True)) == {"gru · a.b=[1, 2] · c=3": 0.2, "gru · c=4": 0.3}


def test_a_member_that_only_failed_stays() -> None:
    found = current_members(population("gru", {"": [np.nan, np.nan]}, seeds=[0, 1], status="FAILED"))
    assert list(found["status"]) == ["FAILED", "FAILED"]


def test_narrowing() -> None:
    rows = pd.concat(
        [
            population("lstm", {"val/rmse": [1.0]}, seeds=[0]),
            population("gru", {"val/rmse": [2.0]}, seeds=[0], started=5_000),
            population("gru", {"val/rmse": [3.0]}, seeds=[0], task="line_xy"),
        ]
    )
    assert list(select(rows, tasks=["sine"])["value"]) == [1, 2]
    assert list(select(rows, models=["gru"])["value"]) == [2, 3]
    assert list(select(rows, since=pd.Timestamp(5, unit="s", tz="UTC"))["value"]) == [2]
    assert len(select(rows)) == 3
    assert len(current_members(select(rows, models=["rnn"]))) == 0


def test_runs_with_more_and_fewer_probes_are_compared_by_what_they_share() -> None:
    added = "+probe@task.probes.x=amplitude task.probes.x.values=[0.3, 0.5]"
    lstm = population("lstm", {"val/rmse": [0.1], "probe/x/far/rmse": [0.5]}, [0], overrides=added)
    rnn = population("rnn", {"val/rmse": [0.2]}, [0])
    gru = population("gru", {"val/rmse": [0.3]}, [0], overrides="~task.probes.phase optimizer.lr=0.1")
    found = current_members(pd.concat([lstm, rnn, gru]))
    assert set(found["setting"]) == {"sine"}
    assert set(found["variant"]) == {"lstm", "rnn", "gru · optimizer.lr=0.1"}


def test_probes_of_other_values_are_compared_apart() -> None:
    usual = population("lstm", {"val/rmse": [0.1]}, [0])
    changed = population("rnn", {"val/rmse": [0.2]}, [0], overrides="task.probes.amplitude.values=[1,2]")
    found = current_members(pd.concat([usual, changed]))
    assert set(found["setting"]) == {"sine", "sine · task.probes.amplitude.values=[1,2]"}
    other = population("rnn", {"val/rmse": [0.2]}, [0], overrides="+probe@task.probes.x=phase")
    one = population("gru", {"val/rmse": [0.1]}, [0], overrides="+probe@task.probes.x=lines")
    assert len(set(current_members(pd.concat([usual, one, other]))["setting"])) == 3


def test_of_a_member_that_was_probed_again_the_run_with_more_probes_counts() -> None:
    more = population("lstm", {"val/rmse": [0.1]}, [0], overrides="+probe@task.probes.x=phase", parent_id="a")
    later = population("lstm", {"val/rmse": [0.1, 0.2]}, [0, 1], parent_id="b", started=2_000)
    found = current_members(pd.concat([more, later]))
    assert list(found["run_id"]) == ["a-0", "b-1"]
    assert set(found["variant"]) == {"lstm"}
