"""A store can be multiplied: copies are populations of their own, with sweeps, identities and settings of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from stored_scores import members

from seqprobe.bench.big_store import median_check_seconds, newest_sweep
from seqprobe.bench.multiplied_store import multiply_store
from seqprobe.scoring import Tag
from seqprobe.tracking.description import Description
from seqprobe.tracking.finished_runs import finished_population
from seqprobe.tracking.mlflow_recorder import MLflowRecorder
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stores.embedded import EmbeddedStore

SWEEP, IDENTITY = "20261121-222643-0030183", "434268e92973be87"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one population of two seeds."""
    folder = tmp_path_factory.mktemp("source")
    tags = {Tag.SWEEP: SWEEP, Tag.POPULATION: IDENTITY, Tag.TRAINING: "1e243f6fddee5577"}
    description = Description("sine", "rnn", (0, 1), {"task": "sine", "model": "rnn", "overrides": "lr=1"}, tags)
    with MLflowRecorder(EmbeddedStore(str(folder)), description) as recorder:
        recorder.record_metrics(10, {"val/loss": np.array([1.0, 2.0])})
        recorder.record_table("scores", pd.DataFrame({"seed": [0, 1]}))
    return folder


@pytest.mark.parametrize(("tables", "seeds", "expected"), [(True, None, 6), (False, 1, 4)])
def test_copies_are_populations_of_their_own(
    source: Path, tmp_path: Path, tables: bool, seeds: int | None, expected: int
) -> None:
    assert multiply_store(source, tmp_path / "store", 3, tables, seeds) == expected
    store = EmbeddedStore(str(tmp_path / "store"))
    populations = store.search(RunFilter("population"))
    assert len({run.tags[Tag.POPULATION] for run in populations}) == len({run.tags[Tag.SWEEP] for run in populations})
    assert {run.params["overrides"] for run in populations} == {"lr=1", "copy=1", "copy=2"}
    assert {run.metrics["val/loss"] for run in populations} == {1.5}
    assert newest_sweep(store.database) == newest_sweep(source / "mlflow.db") == (SWEEP, IDENTITY)
    found = finished_population(store, IDENTITY, "auto")
    assert found is not None
    assert (found.params["overrides"], len(members(store, SWEEP))) == ("lr=1", 2)
    for run in populations:
        children = store.search(RunFilter("seed", tags={Tag.PARENT: run.run_id}))
        copied = run.params["overrides"] != "lr=1"
        assert len(children) == (seeds or 2 if copied else 2)
        assert {child.tags[Tag.SWEEP] for child in children} == {run.tags[Tag.SWEEP]}
        linked = list(store.artifacts.glob(f"*/{run.run_id}/artifacts/tables/scores.csv"))
        assert [path.read_text() for path in linked] == (["seed\n0\n1\n"] if tables or not copied else [])


def test_the_check_is_timed_for_a_population_that_is_there(source: Path) -> None:
    assert 0 < median_check_seconds(EmbeddedStore(str(source)), IDENTITY) < 60
    with pytest.raises(RuntimeError, match="is not in sqlite"):
        median_check_seconds(EmbeddedStore(str(source)), "0" * 16)
