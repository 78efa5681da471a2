"""Populations read back: by name, seeds in order, with histories and artifacts, of one sweep alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from seqprobe.tracking.description import Description
from seqprobe.tracking.mlflow_recorder import MLflowRecorder
from seqprobe.tracking.stored_populations import StoredPopulation, populations
from seqprobe.tracking.stores.embedded import EmbeddedStore


def record(store: EmbeddedStore, sweep: str, params: dict[str, object], seeds: tuple[int, ...] = (12, 3)) -> None:
    tags = {"seqprobe.sweep": sweep}
    with MLflowRecorder(store, Description("e", "rnn", seeds, params, tags)) as recorder:
        for step, values in ((0, [5.0, 7.0]), (10, [1.0, np.nan])):
            recorder.record_metrics(step, {"val/loss": np.array(values)})
        recorder.record_text("note", "a text")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, StoredPopulation]:
    store = EmbeddedStore(str(tmp_path_factory.mktemp("mlruns")))
    record(store, "mine", {"task": "sine", "model": "rnn", "preset": "post0/sine", "overrides": "a=1 b=2"})
    record(store, "mine", {"task": "sine", "model": "lstm"})
    record(store, "another", {"task": "sine", "model": "gru"})
    return populations(store, "mine")


def test_populations_are_named_by_preset_model_and_overrides(found: dict[str, StoredPopulation]) -> None:
    assert list(found) == ["post0/sine · rnn · a=1 b=2", "sine · lstm"]
    assert {run.status for run in found.values()} == {"FINISHED"}
    assert found["sine · lstm"].params["model"] == "lstm"


def test_members_are_in_the_order_of_their_seeds(found: dict[str, StoredPopulation]) -> None:
    run = found["sine · lstm"]
    assert run.seeds == [3, 12]
    np.testing.assert_array_equal(run.finals["val/loss"], [np.nan, 1])
    steps, values = run.history("val/loss")
    assert steps.tolist() == [0, 10]
    np.testing.assert_array_equal(values, [[7, np.nan], [5, 1]])


def test_artifacts_are_the_parents(found: dict[str, StoredPopulation]) -> None:
    assert found["sine · lstm"].artifact("note.txt") == b"a text"
    assert found["sine · lstm"].artifact("figures/fit.png") is None


def test_a_sweep_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert populations(EmbeddedStore(str(tmp_path)), "foo") == {}
