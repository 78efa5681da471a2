"""Copying a store: all that a run has, once, with the ids and addresses of the copies."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from scripts import run_script

from seqprobe.scoring import Tag
from seqprobe.tracking.moving import copying
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stored_runs import StoredRun
from seqprobe.tracking.stores.embedded import EmbeddedStore
from seqprobe.tracking.stores.experiment_pages import NOTE
from seqprobe.tracking.stores.metric_rows import Value

CURVE = [Value("val/rmse", number, 1000 + step, step) for step, number in enumerate([0.5, math.nan, math.inf])]


def fill(store: EmbeddedStore) -> dict[str, str]:
    """Runs of a population, one that goes on, and a comparison's with a page; their ids by name."""
    client = store.client()
    task, comparison = store.experiment_id("sine", "A wave."), store.experiment_id("comparison")
    ids: dict[str, str] = {}

    def add(experiment: str, name: str, tags: dict[str, str], started: int) -> str:
        ids[name] = str(client.create_run(experiment, started, tags, name).info.run_id)
        return ids[name]

    parent = add(task, "rnn · 1 seed", {Tag.KIND: "population", Tag.PID: "1"}, 100)
    child = add(task, "rnn · seed 0", {Tag.KIND: "seed", Tag.PARENT: parent}, 200)
    client.set_tag(parent, NOTE, f"[fit](get-artifact?path=figures/fit.png&run_uuid={parent}) runs:/{child}/model")
    client.log_param(child, "seed", "0")
    store.log_metrics(client, {parent: CURVE, child: CURVE})
    client.log_text(child, "weights", "model/data/last.safetensors")
    page = add(comparison, "comparison", {Tag.KIND: "comparison"}, 300)
    link = f"http://127.0.0.1:5000/#/experiments/{task}/runs/{child}?workflowType=machine_learning"
    client.log_text(page, f'<a href="{link}">0.5</a>', "comparison.html")
    going_on = add(task, "gru · 1 seed", {Tag.KIND: "population"}, 400)
    add(task, "gru · seed 0", {Tag.KIND: "seed", Tag.PARENT: going_on}, 500)
    for name, status in (("rnn · 1 seed", "FINISHED"), ("rnn · seed 0", "KILLED"), ("comparison", "FINISHED")):
        client.set_terminated(ids[name], status, 1000)
    client.set_terminated(ids["gru · seed 0"], "FINISHED", 1000)
    return ids


def by_name(store: EmbeddedStore) -> dict[str, StoredRun]:
    """The runs of a store, of which no two have one name."""
    runs = store.search(RunFilter())
    named = {run.name: run for run in runs}
    assert len(named) == len(runs)
    return named


def test_a_copy_has_all_that_the_original_has_and_a_second_call_copies_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = EmbeddedStore(str(tmp_path / "one")), EmbeddedStore(str(tmp_path / "two"))
    target.experiment_id("mine")  # ids of experiments differ
    ids = fill(source)
    counts = "3 runs, 1 params, 9 tags, 6 metric values, 2 files"
    for new in (3, 0):
        assert run_script("move", [f"from={source.folder}", f"to={target.folder}"]) == 0
        printed = capsys.readouterr()
        assert printed.out.startswith(
            f"{new} runs copied, {3 - new} were there; equal in both stores: {counts} (0.0 MB"
        )
        assert printed.err == "2 runs of trainings that go on are left out: call it again when they have ended\n"
    copies = by_name(target)
    assert set(copies) == {"rnn · 1 seed", "rnn · seed 0", "comparison"}
    parent, child, comparison = copies["rnn · 1 seed"], copies["rnn · seed 0"], copies["comparison"]
    assert (child.status, child.started, child.ended, child.params) == ("KILLED", 200, 1000, {"seed": "0"})
    assert (child.tags[Tag.PARENT], child.tags[Tag.MOVED_FROM]) == (parent.run_id, ids["rnn · seed 0"])
    note = f"[fit](get-artifact?path=figures/fit.png&run_uuid={parent.run_id}) runs:/{child.run_id}/model"
    assert (parent.tags[NOTE], parent.tags[Tag.PID]) == (note, "1")
    assert [(row.step, row.timestamp) for row in target.metric_values(child.run_id)] == [
        (0, 1000),
        (1, 1001),
        (2, 1002),
    ]
    assert [str(row.value) for row in target.metric_values(child.run_id)] == ["0.5", "nan", "inf"]
    assert target.artifact(child.run_id, "model/data/last.safetensors") == b"weights"
    page = (target.artifact(comparison.run_id, "comparison.html") or b"").decode()
    assert f"/#/experiments/{child.experiment_id}/runs/{child.run_id}?" in page
    experiment = target.client().get_experiment_by_name("sine")
    assert experiment is not None
    assert (experiment.experiment_id, experiment.tags[NOTE]) == (child.experiment_id, "A wave.")


def test_back_again_a_copy_is_taken_for_its_original(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = EmbeddedStore(str(tmp_path / "one")), EmbeddedStore(str(tmp_path / "two"))
    fill(source)
    before = source.search(RunFilter())
    copying.copy_runs(source, target, lambda text: None)
    assert run_script("move", [f"from={target.folder}", f"to={source.folder}"]) == 0
    assert capsys.readouterr().out.startswith("0 runs copied, 3 were there; equal in both stores: 3 runs, ")
    assert source.search(RunFilter()) == before


def test_what_an_interrupted_call_copied_in_part_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = EmbeddedStore(str(tmp_path / "one")), EmbeddedStore(str(tmp_path / "two"))
    fill(source)

    def fail(*arguments: Any) -> None:
        raise OSError("no")

    with monkeypatch.context() as patch:
        patch.setattr(EmbeddedStore, "log_files", fail)
        with pytest.raises(OSError, match="no"):
            copying.copy_runs(source, target, lambda text: None)
    partial = by_name(target)
    assert partial["rnn · seed 0"].status == "RUNNING"
    copied = copying.copy_runs(source, target, lambda text: None)
    assert [run.problem for run in copied] == ["", "", ""]
    assert [run.is_new for run in copied] == [False, True, True]  # the population has no files: it was complete
    assert {run.run_id for run in by_name(target).values()} == {run.run_id for run in partial.values()}
    assert {run.status for run in by_name(target).values()} == {"FINISHED", "KILLED"}


def test_a_copy_that_has_more_than_its_original_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = EmbeddedStore(str(tmp_path / "one")), EmbeddedStore(str(tmp_path / "two"))
    fill(source)
    copying.copy_runs(source, target, lambda text: None)
    child = by_name(target)["rnn · seed 0"].run_id
    target.log_metrics(target.client(), {child: [Value("val/rmse", 9.0, 1, 9)]})
    assert run_script("move", [f"from={source.folder}", f"to={target.folder}"]) == 1
    errors = capsys.readouterr().err.splitlines()
    assert errors[1] == "differs: rnn · seed 0: values (3, 4)"
    assert errors[2] == f"error: 1 of 3 runs differ in {target.uri} from those in {source.uri}"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["from=one", "to=one"], "to=one: must be another store than from"),
        (["from=one", "to=link"], "to=link: must be another store than from"),
        (["from=one", "to=./x/../one"], "to=./x/../one: must be another store than from"),
        (
            ["from=one", "to=a://x"],
            "to=a://x: must be the folder of a store, or the http(s) address of an MLflow server",
        ),
        (["from=none", "to=one"], "from=none: there is no store in this folder: training makes one"),
        (["from=one", "to=3"], "to=3: must be the folder of a store, or the http(s) address of an MLflow server"),
        (["from=one", "to=http://127.0.0.1:1"], "to=http://127.0.0.1:1: no MLflow server answers there"),
    ],
)
def test_stores_that_cannot_be_used_are_refused(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    EmbeddedStore("one").client()
    (tmp_path / "link").symlink_to("one")
    assert run_script("move", arguments) == 2
    assert capsys.readouterr().err == f"error: {message}\n"
