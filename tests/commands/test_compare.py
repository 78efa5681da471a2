"""The comparison as a command: what it writes and records, and what a wrong call costs."""

from __future__ import annotations

import itertools
import re
import shlex
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scripts import ROOT, run_script

import seqprobe
from seqprobe.checks import InvalidValue
from seqprobe.commands.compare import compare
from seqprobe.commands.since import start_time
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stores.embedded import EmbeddedStore

pytestmark = pytest.mark.xdist_group("compare")
TINY = ["task.points=20", "trainer.max_steps=20", "seeds=3"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two tasks and two models, compared."""
    store = tmp_path_factory.mktemp("compared") / "store"
    for task, model in itertools.product(("sine", "slope_intercept"), ("rnn", "lstm")):
        assert run_script("train", [*TINY, f"task={task}", f"model={model}", f"tracking.dir={store}"]) == 0
    assert run_script("compare", [f"tracking.dir={store}"]) == 0
    return store


def test_what_is_written(folder: Path) -> None:
    written = {path.name for path in (folder / "comparison").iterdir()}
    assert written == {"comparison.html", "comparison.md", "comparison.tex", "scores.csv", "differences.csv"}
    scores = pd.read_csv(folder / "comparison/scores.csv")
    assert set(scores["model"]) == {"rnn", "lstm", "constant predictor"}
    assert (folder / "comparison/comparison.html").stat().st_size < 10_000_000


def test_it_is_recorded_with_its_figures(folder: Path) -> None:
    store = EmbeddedStore(str(folder))
    (run,) = store.search(RunFilter("comparison"))
    assert run.metrics["members"] == 12
    page = store.artifact(run.run_id, "comparison.html")
    assert page == (folder / "comparison/comparison.html").read_bytes()
    kept = {path.name for path in folder.glob("artifacts/comparison/*/artifacts/figures/sine/*.svg")}
    assert {
        "scores.svg",
        "learning_curves.svg",
        "generalisation.svg",
        "distance.svg",
        "probe_amplitude.svg",
        "probe_map.svg",
    } <= kept


def test_narrowed_and_in_one_format(folder: Path, tmp_path: Path) -> None:
    asked = ["tasks=[sine]", "models=[rnn]", "formats=[markdown]", "since=1h"]
    assert run_script("compare", [f"tracking.dir={folder}", f"folder={tmp_path / 'out'}", *asked]) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["comparison.md"]
    text = (tmp_path / "out/comparison.md").read_text()
    assert "## sine" in text
    assert "slope_intercept" not in text
    assert "lstm" not in text


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("tasks=[foo]", "tasks=foo: must be one of sine, slope_intercept"),
        ("experiments=[foo]", "experiments=foo: must be one of sine, slope_intercept"),
        ("models=rnn", "models=rnn: must be a list of names"),
        ("since=lately", "since=lately: must be a date such as"),
        ("since=2100-01-01", "No selected run is that recent."),
        ("formats=[pdf]", "formats=pdf: must be one of html, csv, markdown, latex"),
        ("sweep_id=x", "sweep_id=x: has no runs"),
        ("folder=null", "folder=null: must be a path"),
        ("folder=/dev/null/x", "folder=/dev/null/x: must be a folder that can be written: /dev/null is not"),
        ("foo=1", "foo=1: unknown key; allowed here: "),
        ("against=x", "against=x: must be the id of a sweep, last or previous, but the store has none"),
        ("fail_on=better", "fail_on=better: must be one of worse, undecided"),
    ],
)
def test_a_wrong_call_costs_one_line_and_nothing_else(
    folder: Path, override: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_script("compare", [f"tracking.dir={folder}", f"folder={tmp_path / 'out'}", override]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert said in line
    assert not (tmp_path / "out").exists()


def test_tasks_and_their_other_name_together_are_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = [f"tracking.dir={folder}", f"folder={tmp_path / 'out'}", "tasks=[sine]", "experiments=[sine]"]
    assert run_script("compare", both) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "is another name for tasks; give one of them" in line
    with pytest.raises(InvalidValue, match="another name for tasks"):
        seqprobe.runs(folder, tasks="sine", experiments="sine")


def test_the_command_is_recorded_however_it_was_called(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {run.run_id for run in EmbeddedStore(str(folder)).search(RunFilter("comparison"))}
    monkeypatch.setattr(sys, "argv", ["other", "argument"])
    mine = tmp_path / "my conf"
    mine.mkdir()
    overrides = [f"tracking.dir={folder}", f"folder={tmp_path}", "tasks=[sine]", "formats=[markdown]"]
    assert compare(overrides, mine) == 1
    (run,) = [run for run in EmbeddedStore(str(folder)).search(RunFilter("comparison")) if run.run_id not in before]
    expected = ["python", "pipelines/compare.py", "--config-dir", str(mine), *overrides]
    assert shlex.split(run.params["command"]) == expected


def test_an_empty_store_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    none = tmp_path / "none"
    assert run_script("compare", [f"tracking.dir={none}"]) == 2
    assert f"tracking.dir={none}: there is no store in this folder" in capsys.readouterr().err
    readers: list[Callable[..., object]] = [seqprobe.runs, seqprobe.compare, partial(seqprobe.load, "a" * 32)]
    for read in readers:
        with pytest.raises(InvalidValue, match=re.escape(f"store={none}: there is no store in this folder")):
            read(store=none)
    assert list(tmp_path.iterdir()) == []


def test_everything_as_a_frame(folder: Path) -> None:
    frame = seqprobe.runs(folder)
    peak = frame[(frame["probe"] == "amplitude") & (frame["metric"] == "rmse") & (frame["value"] == "0.6")]
    assert sorted(zip(peak["model"], peak["seed"], strict=True)) == [(m, s) for m in ("lstm", "rnn") for s in range(3)]
    assert np.isfinite(peak["score"]).all()
    assert set(seqprobe.runs(folder, tasks="sine", models=["rnn"])["task"]) == {"sine"}
    assert set(seqprobe.runs(folder, experiments=["sine"])["task"]) == {"sine"}
    assert len(seqprobe.runs(folder, since="2100-01-01")) == 0
    assert len(seqprobe.runs(folder, every=True)) == len(frame)


def test_the_documented_recipe_runs_as_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (recipe,) = re.findall(r"```python\n(import seqprobe\n.*?)```", (ROOT / "docs/comparing.md").read_text(), re.DOTALL)
    plt.switch_backend("agg")
    exec(recipe.replace("seqprobe.runs()", f"seqprobe.runs({str(folder)!r})"), {})
    (axes,) = plt.gcf().axes
    assert [line.get_label() for line in axes.lines] == ["lstm", "rnn"]
    plt.close("all")
    said = capsys.readouterr().out
    assert "slope_intercept" in said
    assert "count    3.0" in said


def test_moments() -> None:
    now = pd.Timestamp.now("UTC")
    ago = start_time("3h")
    assert ago is not None
    assert abs((now - ago).total_seconds() - 3 * 3600) < 60
    assert start_time("2026-11-20T10:00:00+02:00") == pd.Timestamp("2026-11-20T08:00:00Z")
    assert start_time(None) is None
