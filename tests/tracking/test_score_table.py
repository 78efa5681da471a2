"""The table of scores gives every number back to the bit, and is read only for the members that are wanted."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqprobe.scoring import Tag
from seqprobe.tracking.adding_recorder import AddingRecorder
from seqprobe.tracking.description import Description
from seqprobe.tracking.journal import entries
from seqprobe.tracking.mlflow_recorder import MLflowRecorder
from seqprobe.tracking.population_run import PopulationRun
from seqprobe.tracking.run_frames import StoredMembers
from seqprobe.tracking.score_table import SCORE_TABLE, from_csv, joined_scores, recorded_table, score_table, to_csv
from seqprobe.tracking.stored_populations import populations
from seqprobe.tracking.stores.embedded import EmbeddedStore

NUMBERS = [0.1 + 0.2, -0.0, 5e-324, 1.7976931348623157e308, np.inf, -np.inf, np.nan, 1 / 3, 2.0]


def bits(values: list[float]) -> list[bytes]:
    return [struct.pack("<d", value) for value in values]


def test_a_file_gives_every_number_back_to_the_bit() -> None:
    scores = {"probe/p/a,b/rmse": np.array(NUMBERS), 'probe/p/"x"/rmse': np.array(NUMBERS[::-1])}
    table = from_csv(to_csv(score_table(range(9), scores)))
    for name, values in scores.items():
        rows = [row for row in table if row.metric == name]
        assert [row.seed for row in rows] == list(range(9))
        assert bits([row.value for row in rows]) == bits(values.tolist())
    assert to_csv(table).startswith(b"metric,seed,value\n")


def test_new_scores_replace_those_of_the_same_probe() -> None:
    earlier = score_table(
        [3, 0], {name: np.array([1.0, 2.0]) for name in ("val/rmse", "probe/p/1/rmse", "probe/q/rmse")}
    )
    new = score_table([3, 0], {"probe/p/2/rmse": np.array([5.0, 6.0])})
    joined = joined_scores(earlier, new)
    assert joined == [
        ("probe/p/2/rmse", 3, 5.0),
        ("probe/p/2/rmse", 0, 6.0),
        ("probe/q/rmse", 3, 1.0),
        ("probe/q/rmse", 0, 2.0),
        ("val/rmse", 3, 1.0),
        ("val/rmse", 0, 2.0),
    ]


def record(store: EmbeddedStore, model: str) -> None:
    params, tags = {"task": "sine", "model": model}, {"seqprobe.sweep": "s"}
    with MLflowRecorder(store, Description("e", model, (7, 3), params, tags)) as recorder:
        recorder.record_metrics(10, {"val/rmse": np.array([0.3, 0.4])})
        recorder.record_scores({"val/rmse": np.array([0.3, 0.4]), "probe/p/0.1/rmse": np.array([1 / 3, np.nan])})


@pytest.fixture
def store(tmp_path: Path) -> EmbeddedStore:
    store = EmbeddedStore(str(tmp_path))
    record(store, "rnn")
    record(store, "gru")
    return store


def test_scores_of_the_table_stand_beside_metrics(store: EmbeddedStore) -> None:
    members = StoredMembers.read(store)
    rows = members.scores(members.runs().query("model == 'gru'"))
    values = {(row.seed, row.metric): row.value for row in rows.itertuples()}
    assert values[7, "probe/p/0.1/rmse"] == 1 / 3
    assert np.isnan(values.pop((3, "probe/p/0.1/rmse")))
    assert {key: value for key, value in values.items() if key[1] == "val/rmse"} == {
        (7, "val/rmse"): 0.3,
        (3, "val/rmse"): 0.4,
    }
    finals = populations(store, "s")["sine · gru"].finals
    np.testing.assert_array_equal(finals["probe/p/0.1/rmse"], [np.nan, 1 / 3])  # in the order of the seeds
    np.testing.assert_array_equal(finals["val/rmse"], [0.4, 0.3])


def test_only_tables_of_wanted_members_are_read(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def artifact(self: EmbeddedStore, run: str, path: str) -> bytes | None:
        read.append(path)
        return original(self, run, path)

    original = EmbeddedStore.artifact
    monkeypatch.setattr(EmbeddedStore, "artifact", artifact)
    members = StoredMembers.read(store)
    runs = members.runs()
    assert read == []
    members.scores(runs[runs["model"] == "rnn"])
    assert read == [SCORE_TABLE]
    assert {run.status for run in populations(store, "s").values()} == {"FINISHED"}
    assert read == [SCORE_TABLE]


@pytest.mark.parametrize(("count", "rows"), [(0, 4), (1, 4), (2, 6), (3, 6)])
def test_a_kill_while_a_table_is_replaced_leaves_one_that_can_be_read(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch, count: int, rows: int
) -> None:
    members = StoredMembers.read(store)
    (run,) = [run for run in members.populations.values() if run.params["model"] == "gru"]
    children = [member.run_id for member in members.members if member.tags[Tag.PARENT] == run.run_id]
    sent, send = list[str](), entries.send_entry

    def send_some(entry: Any, *others: Any) -> None:
        if len(sent) == count:
            raise KeyboardInterrupt
        sent.append(entry["kind"])
        send(entry, *others)

    monkeypatch.setattr(entries, "send_entry", send_some)
    recorder = AddingRecorder(store, PopulationRun(run, [7, 3], children, [], {}), 1)
    with contextlib.suppress(KeyboardInterrupt):
        recorder.record_scores({"probe/new/rmse": np.array([1.0, 2.0])})
    assert sent == ["tags", "files", "tags"][:count]
    table = recorded_table(store, StoredMembers.read(store).populations[run.run_id])
    assert table is not None
    assert len(table) == rows


@pytest.mark.parametrize(("damage", "words"), [("changed", "was changed after"), ("missing", "cannot be read")])
def test_a_damaged_table_is_named_and_metrics_remain(
    store: EmbeddedStore, damage: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (rnn,) = [run for run in StoredMembers.read(store).populations.values() if run.params["model"] == "rnn"]
    file = Path(store.artifact_place(rnn, SCORE_TABLE))
    file.write_text("metric,seed,value\nprobe/p/0.1/rmse,7,0\n") if damage == "changed" else file.unlink()
    members = StoredMembers.read(store)
    rows = members.scores(members.runs().query("model == 'rnn'"))
    assert set(rows["metric"]) == {"val/rmse"}
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert words in error
    assert SCORE_TABLE in error
