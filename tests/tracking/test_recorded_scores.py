"""Scores go with a population's runs, and runs without them are read by well-known names."""

from __future__ import annotations

import pytest

from seqprobe.scoring import ACCURACY, MAE, RMSE, Score
from seqprobe.tracking.recorded_scores import RecordedScores

RIGHT, FAR = Score("share_right", "higher", "m"), Score("far", None)
METRICS = ["val/loss", "val/rmse", "probe/p/far", "probe/p/share_right", "probe/p/0.1/share_right", "reference/floor"]


def test_a_tag_is_read_as_it_was_written() -> None:
    stated = RecordedScores((RMSE,), {"p": (RIGHT, FAR), "q": (MAE,)}, ("p", "q"))
    assert RecordedScores.read(stated.to_tag()) == stated
    added = RecordedScores.read(stated.with_probes({"q": (ACCURACY,), "r": ()}).to_tag())
    assert added.probes["q"] == (ACCURACY,)
    assert added.banded == ("p", "q", "r")


@pytest.mark.parametrize(
    "tag",
    [
        "",
        "{",
        "[]",
        '{"probes": {"p": [{"nome": 1}]}}',
        '{"validation": 3}',
        '{"validation": [{"name": "a/b", "better": null}]}',
    ],
)
def test_a_tag_that_cannot_be_read_states_nothing(tag: str) -> None:
    assert RecordedScores.read(tag) == RecordedScores()


def test_models_are_compared_by_stated_scores() -> None:
    scores = RecordedScores([RMSE], {"p": [RIGHT]}, ["p"]).of_metrics(METRICS)
    assert {name for name, (_, is_main) in scores.items() if is_main} == {"val/rmse", "probe/p/share_right"}
    assert scores["probe/p/0.1/share_right"] == (RIGHT, False)
    assert scores["probe/p/far"] == (FAR, False)
    assert scores["reference/floor"] == (RMSE, False)


def test_models_are_compared_band_by_band() -> None:
    bands = [f"probe/p/{band}/share_right" for band in ("inside", "beyond")]
    stale = "probe/p/share_right"  # of an earlier version, before the probe ran again
    level = "reference/probe/p/beyond/share_right/chance"
    scores = RecordedScores([RMSE], {"p": [RIGHT]}, ["p"]).of_metrics([*bands, stale, "probe/p/1/share_right", level])
    assert {name: scores[name] for name in bands} == dict.fromkeys(bands, (RIGHT, True))
    assert scores[stale] == (RIGHT, False)
    assert scores[level] == (RIGHT, False)


def test_a_mean_over_values_inside_and_outside_ranks_nothing() -> None:
    scores = RecordedScores([RMSE], {"p": [RIGHT]}).of_metrics(METRICS)
    assert scores["probe/p/share_right"] == (Score("share_right", None, "m"), True)
    overall = RecordedScores([RMSE], {"p": [RIGHT]}).of_metrics(["probe/p/share_right"])  # of no single value
    assert overall["probe/p/share_right"] == (RIGHT, True)


def test_runs_of_earlier_versions_are_compared_by_well_known_names() -> None:
    names = ["val/loss", "val/accuracy", "probe/p/mae", "probe/p/accuracy", "probe/q/peak", "members_finite"]
    scores = RecordedScores().of_metrics(names)
    assert {name for name, (_, is_main) in scores.items() if is_main} == {"val/accuracy", "probe/p/accuracy"}
    assert scores["probe/p/mae"] == (MAE, False)
    assert scores["members_finite"] == (None, False)


def test_metrics_of_others_with_further_slashes_have_no_score() -> None:
    assert RecordedScores().of_metrics(["val/a/b", "val", ""]) == dict.fromkeys(["val/a/b", "val", ""], (None, False))
