"""The same command again: what is finished is skipped, what is missing is trained, what was begun goes on."""

from __future__ import annotations

import importlib
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from chaos.content import content, plain_name
from scripts import run_script

from seqprobe.learning.snapshots import snapshot_updates
from seqprobe.run import job
from seqprobe.tracking.stores.embedded import EmbeddedStore

pytestmark = pytest.mark.xdist_group("resume")
FAST = ["task=slope_intercept", "model=rnn", "model.hidden_size=3", "trainer.max_steps=20", "engine=stacked"]
NAME = "rnn · hidden_size=3, max_steps=20"


def train(folder: Path, *overrides: str, script: str = "train") -> int:
    return run_script(script, [*FAST, f"tracking.dir={folder}", *overrides])


def names(folder: Path) -> list[tuple[str, str]]:
    """Names and statuses of all trainings' runs, in the order in which they began."""
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        found = connection.execute("select name, status from runs order by rowid").fetchall()
    return [(plain_name(name), status) for name, status in found if not name.startswith("comparison")]


def population_of(seeds: Sequence[int], status: str = "FINISHED") -> list[tuple[str, str]]:
    count = f"rnn · {len(seeds)} seed{'s' if len(seeds) > 1 else ''}"
    return [(count, status), *((f"rnn · seed {seed}", status) for seed in seeds)]


def metrics(folder: Path, name: str) -> list[Any]:
    return content(folder)[name]["metrics"]


@pytest.fixture(scope="module")
def finished_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one finished population of two seeds."""
    store = tmp_path_factory.mktemp("finished") / "store"
    assert train(store, "seeds=2") == 0
    return store


@pytest.fixture
def folder(finished_store: Path, tmp_path: Path) -> Path:
    """A copy of the finished store."""
    return Path(shutil.copytree(finished_store, tmp_path / "store"))


def test_what_is_finished_is_skipped_and_says_so(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = names(folder)
    capfd.readouterr()
    assert train(folder, "seeds=[0,1]", "engine=auto", "threads=2") == 0
    said = capfd.readouterr().out
    assert said.startswith(f"slope_intercept · {NAME}  finished before: {NAME} · 2 seeds (")
    assert "add rerun=true to train it again" in said
    assert names(folder) == before == population_of([0, 1])


def test_rerun_trains_it_again(folder: Path) -> None:
    first = metrics_by_name(folder)
    assert train(folder, "seeds=2", "rerun=true") == 0
    assert names(folder) == population_of([0, 1]) * 2
    (one, other) = metrics_by_name(folder)["rnn · seed 1"]
    assert one == other == first["rnn · seed 1"][0]


def metrics_by_name(folder: Path, metric: str = "val/loss") -> dict[str, list[Any]]:
    """Every run's values of a metric by the run's name, in the order in which runs began."""
    rows = "select step, value from metrics where run_uuid = ? and key = ? order by step"
    found: dict[str, list[Any]] = {}
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        for run, name in connection.execute("select run_uuid, name from runs order by rowid").fetchall():
            found.setdefault(plain_name(name), []).append(connection.execute(rows, (run, metric)).fetchall())
    return found


def test_more_seeds_take_over_those_that_were_trained(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[list[int]] = []
    original = job.fit

    def fit_and_note(experiment: Any, recorder: Any, progress: Any, previous: Any) -> Any:
        trained.append([seed for seed in experiment.seeds if seed not in previous.members])
        return original(experiment, recorder, progress=progress, previous=previous)

    monkeypatch.setattr(job, "fit", fit_and_note)
    assert train(folder, "seeds=[3,1,0]") == 0
    assert trained == [[3]]
    assert names(folder)[3:] == population_of([3, 1, 0])
    whole = folder.parent / "whole"
    assert train(whole, "seeds=[3,1,0]") == 0
    assert trained == [[3], [3, 1, 0]]
    for name in ("rnn · 3 seeds", "rnn · seed 3", "rnn · seed 1"):
        assert metrics_by_name(folder)[name][-1] == metrics_by_name(whole)[name][0]
    (taken,) = [tags for name, tags in tags_of(folder) if name == "rnn · seed 1" and "seqprobe.taken_over_from" in tags]
    assert taken["seqprobe.taken_over_from"] in runs_called(folder, "rnn · seed 1")


def tags_of(folder: Path) -> list[tuple[str, dict[str, str]]]:
    """Every run's name and tags."""
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        runs = connection.execute("select run_uuid, name from runs order by rowid").fetchall()
        pairs = "select key, value from tags where run_uuid = ?"
        return [(plain_name(name), dict(connection.execute(pairs, (run,)).fetchall())) for run, name in runs]


def runs_called(folder: Path, name: str) -> list[str]:
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        runs = connection.execute("select run_uuid, name from runs").fetchall()
    return [run for run, its_name in runs if plain_name(its_name) == name]


def test_another_probe_is_put_without_training(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqprobe.learning.module.PopulationModule.update", lambda *args: 1 / 0)
    assert train(folder, "seeds=2", "+probe@task.probes.again=extrapolated_slopes") == 0
    assert names(folder)[3:] == population_of([0, 1])
    last = content_of_last(folder)
    assert any(key.startswith("probe/again/") for key in last)


def content_of_last(folder: Path) -> set[str]:
    """The names of the metrics of the run that began last."""
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        (run,) = connection.execute("select run_uuid from runs order by rowid desc limit 1").fetchone()
        return {key for (key,) in connection.execute("select key from latest_metrics where run_uuid = ?", (run,))}


def test_a_damaged_archive_is_trained_again(folder: Path) -> None:
    for path in (folder / "artifacts").rglob("training.safetensors"):
        path.write_bytes(path.read_bytes()[:100])
    assert train(folder, "seeds=3") == 0
    assert names(folder)[3:] == population_of([0, 1, 2])


def test_runs_that_were_deleted_are_trained_again(folder: Path) -> None:
    client = EmbeddedStore(str(folder)).client()
    for run in runs_called(folder, "rnn · 2 seeds"):
        client.delete_run(run)
    assert train(folder, "seeds=2") == 0
    assert names(folder)[3:] == population_of([0, 1])


def test_a_failed_population_goes_on_in_its_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("seqprobe.evaluation.evaluate.draw_outcome", lambda *args: 1 / 0)
        assert train(tmp_path / "store", "seeds=2") == 1
    assert names(tmp_path / "store") == population_of([0, 1], "FAILED")
    assert tags_of(tmp_path / "store")[0][1]["seqprobe.error"] == "ZeroDivisionError: division by zero"
    assert len(list((tmp_path / "store").rglob("traceback.txt"))) == 1
    with monkeypatch.context() as idle:
        idle.setattr("seqprobe.learning.module.PopulationModule.update", lambda *args: 1 / 0)  # all was trained
        assert train(tmp_path / "store", "seeds=2") == 0
    assert names(tmp_path / "store") == population_of([0, 1])
    assert "seqprobe.error" not in tags_of(tmp_path / "store")[0][1]
    assert list((tmp_path / "store").rglob("traceback.txt")) == []


def failing_at_last(where: str) -> Callable[..., Any]:
    """A function that fails once the last update is reached."""
    module, _, name = where.rpartition(".")
    original = getattr(importlib.import_module(module), name)

    def failing(*args: Any) -> Any:
        return original(*args) if name == "long" and args[1] < 20 else 1 / 0

    return failing


@pytest.mark.parametrize(
    "where", ["seqprobe.evaluation.emergence.score_rows", "seqprobe.evaluation.evaluate.draw_outcome"]
)
def test_probes_during_training_are_told_once_and_alike(
    where: str, finished_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a training that ended after telling them, by one that took its members over, and by an undisturbed one."""
    metric, broken = "probe/extrapolated_slopes/beyond/rmse", tmp_path / "broken"
    wanted = metrics_by_name(finished_store, metric)
    assert [step for step, _ in wanted["rnn · seed 1"][0]] == snapshot_updates(20, 1)
    with monkeypatch.context() as stopped:
        stopped.setattr(where, failing_at_last(where))
        assert train(broken, "seeds=2") == 1
    assert train(broken, "seeds=2") == 0
    assert metrics_by_name(broken, metric) == wanted
    assert train(broken, "seeds=[1]") == 0
    assert metrics_by_name(broken, metric)["rnn · seed 1"][1:] == wanted["rnn · seed 1"]


def test_an_interrupted_population_whose_runs_were_deleted_goes_on_in_new_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "store"
    with monkeypatch.context() as broken:
        broken.setattr("seqprobe.evaluation.evaluate.draw_outcome", lambda *args: 1 / 0)
        assert train(store, "seeds=2") == 1
    client = EmbeddedStore(str(store)).client()
    client.delete_run(runs_called(store, "rnn · seed 1")[0])
    with monkeypatch.context() as idle:
        idle.setattr("seqprobe.learning.module.PopulationModule.update", lambda *args: 1 / 0)  # all was trained
        assert train(store, "seeds=2") == 0
    assert "The runs of this training were deleted: going on from its checkpoints in new runs" in capfd.readouterr().err
    assert names(store)[3:] == population_of([0, 1])


def test_a_population_whose_checkpoints_are_all_damaged_starts_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The engine might be another one now, and its runs say which it was."""
    store = tmp_path / "store"
    with monkeypatch.context() as broken:
        broken.setattr("seqprobe.evaluation.evaluate.draw_outcome", lambda *args: 1 / 0)
        assert train(store, "seeds=2", "engine=auto") == 1
    for checkpoint in store.rglob("*.checkpoint"):
        checkpoint.write_bytes(b"damaged")
    assert train(store, "seeds=2", "engine=auto") == 0
    reason = "its plan is missing, or members that it took over are no longer in the store."
    assert f"Restarting: {reason}" in capfd.readouterr().err
    assert names(store) == population_of([0, 1], "FAILED") + population_of([0, 1])


def test_a_sweep_skips_what_is_finished_and_its_table_shows_it(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    both = ["model=rnn,gru", "seeds=2", "hydra.launcher.jobs=1"]
    capfd.readouterr()
    assert train(folder, *both, script="sweep") == 0
    said = capfd.readouterr()
    assert "1 trained, 1 finished before (rerun=true trains them again)" in said.out
    assert "rnn" in said.out.split("val/rmse")[0]
    assert "skipped slope_intercept · rnn" in said.err
    assert len(names(folder)) == 6
    assert train(folder, *both, script="sweep") == 0
    assert "2 finished before" in capfd.readouterr().out
    assert len(names(folder)) == 6
    sweeps = [tags["seqprobe.sweep"].split() for _, tags in tags_of(folder) if "seqprobe.sweep" in tags]
    assert [len(of) for of in sweeps] == [2] * 6  # the first population was no sweep's at first
    assert len({tuple(of) for of in sweeps}) == 1
