"""A store made by commit 43bda1e is read, its models load, and its populations can be probed."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pytest
import yaml
from mlflow.tracking._tracking_service import utils
from scripts import ROOT, run_script
from stored_scores import members

import seqprobe
from seqprobe.scoring import RMSE, MetricName, Score
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.score_table import SCORE_TABLE
from seqprobe.tracking.stores.embedded import EmbeddedStore

FIXTURES = ROOT / "tests" / "fixtures"
SINE, TURNSTILE, RUNNING_MEAN = (
    "9830ae6cc5ff42cf884d6dc8d5b8437a",
    "5459b0bbf9dc453e91ce1e69a46394dd",
    "4cf2f30bd69d40a08de9e860062647f6",
)
"""Populations of two seeds, 20 updates each: rnn, lstm, and a user's own task and cell."""
LATER = ["+probe@task.probes.later=amplitude", "task.probes.later.values=[0.2,0.7]"]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with tarfile.open(FIXTURES / "store_43bda1e.tar.xz") as archive:
        archive.extractall(tmp_path / "mlruns", filter="data")
    before = list(sys.path)
    utils._artifact_repos_cache.clear()  # MLflow remembers where each run's artifacts are, by the run's id alone
    EmbeddedStore(str(tmp_path / "mlruns")).client()  # which lets its addresses follow the folder
    yield tmp_path / "mlruns"
    sys.path[:] = before
    sys.modules.pop("running_mean", None)


def probe(folder: Path, *arguments: str) -> int:
    return run_script("probe", [*arguments, f"tracking.dir={folder}"])


def content(folder: Path) -> dict[str, list[Any]]:
    """Every row of the database that says something of runs."""
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        return {
            table: connection.execute(f"select * from {table} order by 1, 2, 3").fetchall()
            for table in ("metrics", "latest_metrics", "params", "tags", "runs")
        }


def artifact(folder: Path, run: str, path: str) -> bytes:
    found = EmbeddedStore(str(folder)).artifact(run, path)
    assert found is not None, path
    return found


def test_its_runs_are_read(folder: Path) -> None:
    frame = seqprobe.runs(store=folder)
    found = {task: set(rows["seed"]) for task, rows in frame.groupby("task")}
    assert found == {"running_mean": {0, 1}, "sine": {0, 1}, "turnstile": {0, 1}}
    by_task = {task: set(rows["outcome"]) for task, rows in frame.groupby("task")}
    assert by_task["sine"] | by_task["turnstile"] == {"did not learn"}  # after 20 updates; judged by their metrics


@pytest.mark.filterwarnings("ignore:.*type hint:UserWarning")
def test_its_models_predict_what_they_predicted(folder: Path) -> None:
    expected = json.loads((FIXTURES / "predictions_43bda1e.json").read_text())
    assert len(expected) == 6
    store = EmbeddedStore(str(folder))
    store.client()
    for run, values in expected.items():
        model = mlflow.pyfunc.load_model(EmbeddedStore(str(folder)).client().download_artifacts(run, "model"))
        shape = (3, 5, 2 if values["task"] == "turnstile" else 1)
        inputs = np.linspace(0, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)
        np.testing.assert_allclose(model.predict(inputs), values["last"], rtol=1e-6)
        best = model.predict(inputs, {"weights": "best", "lengths": [5, 3, 4]})
        np.testing.assert_allclose(best, values["best"], rtol=1e-6)


def test_its_members_train_again_with_one_notice(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    left_out = [f"~task.probes.{name}" for name in ("phase", "frequency", "lines", "lines_no_intercept", "map")]
    command = ["task=sine", "model=rnn", "seeds=2", "trainer.max_steps=20", "model.hidden_size=4", *left_out]
    stacked = [*command, "engine=stacked", f"tracking.dir={folder}"]
    assert run_script("train", stacked) == 0
    error = capfd.readouterr().err
    assert error.count("Training again what an earlier version of seqprobe trained (seeds 0, 1).") == 1
    frame = seqprobe.runs(store=folder, experiments="sine", every=True)
    loss = frame[(frame["probe"] == "validation") & (frame["metric"] == "loss")].sort_values(["seed", "started"])
    assert loss["seed"].tolist() == [0, 0, 1, 1]
    scores = loss["score"].to_numpy()
    np.testing.assert_allclose(scores[0::2], scores[1::2], rtol=1e-5)  # nothing that is trained has changed
    assert run_script("train", stacked) == 0
    again = capfd.readouterr()
    assert "finished before" in again.out
    assert "Training again" not in again.err
    assert run_script("train", [*command, "engine=looped", f"tracking.dir={folder}"]) == 0
    assert len(EmbeddedStore(str(folder)).search(RunFilter("population", params={"task": "sine"}))) == 3
    assert "Training again" not in capfd.readouterr().err


def test_a_probe_is_added_as_if_it_had_been_there(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before, tables = content(folder), artifact(folder, SINE, "tables/moments.csv").decode()
    assert probe(folder, f"run={SINE}", *LATER) == 0, capfd.readouterr().err
    after = content(folder)
    assert set(before["metrics"]) <= set(after["metrics"])
    assert (before["params"], before["runs"]) == (after["params"], after["runs"])
    added = {row[0] for row in set(after["metrics"]) - set(before["metrics"])}
    assert all(MetricName.parse(name).probe == "later" for name in added)
    means = {"probe/later/beyond/rmse", "probe/later/far/rmse"}  # trained with an amplitude of 0.3 alone
    assert added == means
    table = list(csv.DictReader(io.StringIO(artifact(folder, SINE, SCORE_TABLE).decode())))
    listed = {"probe/later/0.2/rmse", "probe/later/0.7/rmse", *(f"reference/{name}/constant" for name in means)}
    assert {(seed, name) for seed in "01" for name in means | listed} <= {(row["seed"], row["metric"]) for row in table}
    assert {MetricName.parse(row["metric"]).probe for row in table} == {"later"}
    rows = members(EmbeddedStore(str(folder)))
    names = set(rows[rows["parent_id"] == SINE]["metric"])
    assert listed | {"probe/amplitude/0.4/rmse", "best/val/loss", "reference/constant predictor"} <= names
    config = yaml.safe_load(artifact(folder, SINE, "config.yaml"))
    assert list(config["task"]["probes"]) == ["amplitude", "later"]
    assert config["task"]["probes"]["later"]["values"] == [0.2, 0.7]
    rows = list(csv.DictReader(io.StringIO(artifact(folder, SINE, "tables/scores_later.csv").decode())))
    assert {(row["seed"], row["value"]) for row in rows} == {(s, v) for s in "01" for v in ("0.2", "0.7")}
    assert artifact(folder, SINE, "figures/probe_later.png").startswith(b"\x89PNG")
    snapshots = list(csv.DictReader(io.StringIO(artifact(folder, SINE, "tables/snapshots.csv").decode())))
    earlier = list(csv.DictReader(io.StringIO(tables)))
    assert snapshots[: len(earlier)] == [{**row, "band": ""} for row in earlier]  # its weights at snapshots were saved
    probed = {(row["probe"], row["band"]) for row in snapshots}
    assert probed == {("amplitude", ""), ("later", "beyond"), ("later", "far")}
    note = next(row[1] for row in after["tags"] if row[0] == "mlflow.note.content" and row[2] == SINE)
    assert "| `probe/later/beyond/rmse" in note
    assert note.count("![probe_later]") == note.count("![probe_amplitude]") == 1


def test_the_same_command_again_changes_nothing(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert probe(folder, f"run={SINE}", *LATER) == 0
    before = content(folder)
    assert probe(folder, f"run={SINE}", *LATER) == 0
    assert "has the probe later already" in capfd.readouterr().out
    assert content(folder) == before


def test_a_kill_is_completed_without_doubling(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr("seqprobe.run.added_probes.config_with", die)
        assert probe(folder, f"run={SINE}", *LATER) == 130
    partly = content(folder)["metrics"]
    assert any(row[0] == "probe/later/far/rmse" for row in partly)
    assert probe(folder, f"run={SINE}", *LATER) == 0
    assert content(folder)["metrics"] == partly
    assert "later" in yaml.safe_load(artifact(folder, SINE, "config.yaml"))["task"]["probes"]


def test_a_name_that_is_taken_is_refused_or_replaced(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    other = "task.probes.amplitude.values=[0.3]"
    assert probe(folder, f"run={SINE}", other) == 2
    error = capfd.readouterr().err
    assert "this population has a probe of that name with other settings" in error
    assert error.count("\n") == 1
    assert probe(folder, f"run={SINE}", other, "rerun=true") == 0
    config = yaml.safe_load(artifact(folder, SINE, "config.yaml"))
    assert config["task"]["probes"]["amplitude"]["values"] == [0.3]


def probe_means(folder: Path) -> dict[str, Score]:
    """By what the sine's members are compared, besides validation."""
    rows = members(EmbeddedStore(str(folder)))
    of_probes = rows[(rows["parent_id"] == SINE) & rows["is_main"] & rows["metric"].str.startswith("probe/")]
    return dict(zip(of_probes["metric"], of_probes["score"], strict=True))


def test_a_mean_over_values_inside_and_outside_ranks_nothing_until_the_probe_runs_again(folder: Path) -> None:
    assert probe_means(folder) == {"probe/amplitude/rmse": replace(RMSE, better=None)}
    assert probe(folder, f"run={SINE}", "task.probes.amplitude.values=[0.3,0.4]", "rerun=true") == 0
    assert probe_means(folder) == {"probe/amplitude/inside/rmse": RMSE, "probe/amplitude/beyond/rmse": RMSE}
    (run,) = [run for run in EmbeddedStore(str(folder)).search(RunFilter("population")) if run.run_id == SINE]
    note = run.tags["mlflow.note.content"]
    assert "| `probe/amplitude/beyond/rmse`" in note
    assert "| `probe/amplitude/rmse`" not in note


def test_a_users_own_population_is_rebuilt_from_what_it_saved(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert probe(folder, f"run={TURNSTILE}", "+probe@task.probes.more=coin_probability") == 0, capfd.readouterr().err
    arguments = [f"run={RUNNING_MEAN}", "+probe@task.probes.more=counting"]
    assert probe(folder, *arguments) == 2
    assert "give the --config-dir with that code, or trust=true to run its copy" in capfd.readouterr().err
    assert probe(folder, *arguments, "trust=true") == 2  # for turnstiles: the user's task was built, and refused it
    assert re.search(r"task\.probes\.more", capfd.readouterr().err)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([f"run={'0' * 32}", *LATER], "there is no such run"),
        (["run=3b969efbd54f4310baf3af9046aeecd4", *LATER], f"is one seed of a population; use run={SINE}"),
        (LATER, "choose one population"),
        ([f"run={SINE}"], "name a probe to add"),
        ([f"run={SINE}", "model.hidden_size=5", *LATER], "was decided by the training"),
        ([f"run={SINE}", "~task.probes.amplitude", *LATER], "not removed"),
        ([f"run={SINE}", "+probe@task.probes.x=nothing"], "must be one of"),
        (["--name", "2 seeds", *LATER], f"3 populations are called so; choose one: run={SINE}"),
        (["--name", "nobody", *LATER], "no finished population"),
        ([f"run={SINE}", *LATER, "rerun=foo"], "rerun=foo: must be true or false"),
        ([f"run={SINE}", *LATER, "rerun="], "rerun=: must be true or false"),
    ],
)
def test_what_cannot_be_probed_is_one_line(
    folder: Path, arguments: list[str], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    before = content(folder)
    assert probe(folder, *arguments) == 2
    error = capfd.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert content(folder) == before


def test_a_population_is_found_by_its_name(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert probe(folder, "--name", "rnn · 2 seeds", *LATER) == 0, capfd.readouterr().err
    assert "later" in yaml.safe_load(artifact(folder, SINE, "config.yaml"))["task"]["probes"]


def test_one_without_models_or_not_finished_is_refused(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    next(folder.glob("artifacts/sine/3b969efbd54f4310baf3af9046aeecd4/artifacts/training.safetensors")).unlink()
    assert probe(folder, f"run={SINE}", *LATER) == 2
    assert "it cannot be probed, because of training.safetensors of run 3b969efb" in capfd.readouterr().err
    EmbeddedStore(str(folder)).client().set_terminated(TURNSTILE, "KILLED")
    assert probe(folder, f"run={TURNSTILE}", *LATER) == 2
    assert "is KILLED; only a finished population can be probed" in capfd.readouterr().err
