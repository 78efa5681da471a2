"""What a store already has: engines that were stated, packages that have changed, members that are taken over."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from scripts import run_script

from seqprobe.scoring import Tag
from seqprobe.tracking import finished_runs
from seqprobe.tracking.finished_runs import read_archive, recorded_versions, version_notice
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stored_runs import StoredRun
from seqprobe.tracking.stores.embedded import EmbeddedStore

FAST = ["task=slope_intercept", "model=rnn", "model.hidden_size=3", "trainer.max_steps=5", "task.train_size=16"]
TRAIN = [*FAST, "task.probes=null"]


def train(folder: Path, *overrides: str) -> int:
    return run_script("train", [*TRAIN, f"tracking.dir={folder}", *overrides])


def populations(folder: Path) -> list[StoredRun]:
    return EmbeddedStore(str(folder)).search(RunFilter("population"))


def members(folder: Path, population: StoredRun) -> dict[int, StoredRun]:
    runs = EmbeddedStore(str(folder)).search(RunFilter("seed", tags={Tag.PARENT: population.run_id}))
    return {int(run.params["seed"]): run for run in runs}


def test_a_stated_engine_takes_its_own_runs_alone_and_auto_the_newest(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert train(tmp_path, "seeds=2", "engine=stacked") == 0
    assert train(tmp_path, "seeds=2", "engine=looped") == 0
    assert [run.params["engine"] for run in populations(tmp_path)] == ["stacked", "looped"]
    capfd.readouterr()
    newest = populations(tmp_path)[-1].run_id
    assert train(tmp_path, "seeds=2", "engine=auto") == 0
    assert newest in capfd.readouterr().out
    assert train(tmp_path, "seeds=2", "engine=stacked") == 0
    assert populations(tmp_path)[0].run_id in capfd.readouterr().out
    assert len(populations(tmp_path)) == 2


def test_members_that_are_taken_over_keep_their_engine(tmp_path: Path) -> None:
    assert train(tmp_path, "seeds=[0]", "engine=looped") == 0
    assert train(tmp_path, "seeds=[1]", "engine=stacked") == 0
    assert train(tmp_path, "seeds=2", "engine=auto") == 0
    first, second, both = populations(tmp_path)
    together = members(tmp_path, both)
    assert {seed: run.params["engine"] for seed, run in together.items()} == {0: "looped", 1: "stacked"}
    assert both.params["engine"] == "looped, stacked"
    sources = {seed: run.tags[Tag.TAKEN_OVER_FROM] for seed, run in together.items()}
    trained = {0: members(tmp_path, first)[0].run_id, 1: members(tmp_path, second)[1].run_id}
    assert sources == trained
    store = EmbeddedStore(str(tmp_path))
    archives = {seed: read_archive(store, run) for seed, run in together.items()}
    engines = {seed: bytes(archive["engine"]).decode() for seed, archive in archives.items()}
    assert engines == {0: "looped", 1: "stacked"}
    # Neither engine trained all of it, so a stated one takes over its own member and trains the other.
    assert train(tmp_path, "seeds=2", "engine=looped") == 0
    last = populations(tmp_path)[-1]
    found = members(tmp_path, last)
    assert {run.params["engine"] for run in found.values()} == {"looped"}
    assert [Tag.TAKEN_OVER_FROM in found[seed].tags for seed in (0, 1)] == [True, False]


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        ([{"torch": "9.0", "numpy": "1.0"}], None),
        ([{}], None),
        ([], None),
        ([{"torch": "8.0"}, {"torch": "8.0", "numpy": "1.0"}], "torch 8.0 (now 9.0)"),
        ([{"torch": "8.0", "numpy": "0.9"}], "numpy 0.9 (now 1.0), torch 8.0 (now 9.0)"),
    ],
)
def test_other_versions_are_one_line(
    recorded: list[Mapping[str, str]], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finished_runs, "versions", lambda: {"torch": "9.0", "numpy": "1.0"})
    text = version_notice(recorded)
    assert (text is None) is (expected is None)
    if expected is not None and text is not None:
        assert f"trained with {expected}:" in text
        assert "\n" not in text


def test_versions_are_recorded_and_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert train(tmp_path, "seeds=[0]") == 0
    recorded = recorded_versions(populations(tmp_path)[0].tags)
    assert recorded == {name: finished_runs.versions()[name] for name in ("torch", "numpy")}
    monkeypatch.setattr(finished_runs, "versions", lambda: {**recorded, "torch": "99.0"})
    capfd.readouterr()
    for seeds in ("seeds=[0]", "seeds=2"):  # one that is skipped, one that takes a member over
        assert train(tmp_path, seeds) == 0
        assert capfd.readouterr().err.count("Using finished runs that were trained with torch") == 1
