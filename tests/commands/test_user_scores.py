"""A user's task and probe state what they measure, and every format ranks models by it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console
from scripts import run_script
from stored_scores import members

import seqprobe
from seqprobe.reports.closing_table import closing_tables
from seqprobe.reports.compare_models import comparisons
from seqprobe.reports.selection import current_members
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.stores.embedded import EmbeddedStore

pytestmark = pytest.mark.xdist_group("user scores")

CODE = '''
import dataclasses

import numpy as np

from seqprobe.probes import Probe, ProbeResult
from seqprobe.scoring import MAE, Score
from seqprobe.seeds import generator
from seqprobe.tasks.curves import Sine
from seqprobe.tasks.curve_tasks import Reproduce


class Tide(Reproduce):
    """A sine in metres."""

    unit = "m"
    main_score = dataclasses.replace(MAE, unit="m")

    def __init__(self, name):
        super().__init__(name, Sine(), points=20)

    def reference_levels(self, train, val):
        return {}  # no constant predictor to judge by whether a network learned


class Right(Probe):
    """The share of outputs within 0.1 of the target, beside the mean absolute error."""

    scores = (Score("share_right", "higher"),)

    def run(self, members, task, seeds):
        batch = task.sample(1, generator(0, "probes"))
        wrong = np.abs(members.predict(batch) - batch.targets.numpy())
        share, far = (wrong < 0.1).mean((1, 2, 3)), wrong.mean((1, 2, 3))
        return ProbeResult(["all"], {"share_right": share[:, None], "far": far[:, None]})


class Far(Right):
    """The mean absolute error, whose name is known."""

    scores = ()

    def run(self, members, task, seeds):
        return ProbeResult(["all"], {"mae": super().run(members, task, seeds).scores["far"]})
'''
TASK = """# @package _global_
defaults: [_self_]
task:
  _target_: user_scores.Tide
  name: tide
  probes:
    right: {_target_: user_scores.Right}
    far: {_target_: user_scores.Far}
"""
METRICS = {"val/mae": "lower", "probe/right/share_right": "higher", "probe/far/mae": "lower"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models that were trained on a user's task, compared."""
    folder = tmp_path_factory.mktemp("user")
    (folder / "task").mkdir()
    (folder / "user_scores.py").write_text(CODE)
    (folder / "task/tide.yaml").write_text(TASK)
    options = ["--config-dir", str(folder), f"tracking.dir={folder / 'store'}"]
    for model, steps in (("rnn", 5), ("lstm", 60)):
        trained = ["task=tide", f"model={model}", "seeds=6", f"trainer.max_steps={steps}", "optimizer.lr=0.1"]
        assert run_script("train", [*options, *trained]) == 0
    assert run_script("compare", [f"tracking.dir={folder / 'store'}"]) == 0
    return folder / "store"


@pytest.mark.parametrize("metric", METRICS)
def test_the_best_is_best_in_the_stated_direction(store: Path, metric: str) -> None:
    scores = pd.read_csv(store / "comparison/scores.csv").query("score == @metric and seeds > 0").set_index("model")
    assert set(scores["better"]) == {METRICS[metric]}
    best = scores["median"].idxmax() if METRICS[metric] == "higher" else scores["median"].idxmin()
    assert scores.loc[best, "mark"] == "best"
    assert scores["mark"].isna().sum() == 1
    assert scores["solved"].tolist() == scores["learned"].tolist() == [0, 0]  # neither can be judged


def test_every_format_names_the_scores(store: Path) -> None:
    shown = store / "comparison"
    labels = ["val/mae (m)", "right/share_right", "far/mae"]
    for name in ("comparison.md", "comparison.html"):
        assert all(label in (shown / name).read_text() for label in labels), name
    assert all(label.replace("_", r"\_") in (shown / "comparison.tex").read_text() for label in labels)
    page = (shown / "comparison.html").read_text()
    assert "<button>right/share_right</button><small>higher is better</small>" in page
    assert "<button>far/mae</button><small>lower is better</small>" in page
    assert "right/far" not in page


def test_the_closing_table_marks_the_best(store: Path) -> None:
    (comparison,) = comparisons(current_members(members(EmbeddedStore(str(store)))))
    console = Console(record=True, width=200)
    for table in closing_tables([comparison]):
        console.print(table)
    lines = {line.split("│")[2].strip(): line for line in console.export_text().splitlines() if line.count("│") > 3}
    for label in ("val/mae (m)", "right/share_right", "far/mae"):
        assert lines[label].count("★") == 1


def test_the_frame_has_directions_and_units(store: Path) -> None:
    frame = seqprobe.runs(store, tasks="tide")
    means = frame[frame["value"].isin(["mean", ""])].drop_duplicates(["probe", "metric"]).set_index(["probe", "metric"])
    assert means.loc[("right", "share_right"), "better"] == "higher"
    assert set(frame[(frame["probe"] == "right") & (frame["metric"] == "far")]["better"]) == {""}
    assert means.loc[("far", "mae"), "better"] == "lower"
    assert means.loc[("validation", "mae"), ["better", "unit"]].tolist() == ["lower", "m"]


def test_the_note_has_each_main_score(store: Path) -> None:
    (run, *_) = EmbeddedStore(str(store)).search(RunFilter("population"))
    note = run.tags["mlflow.note.content"]
    assert all(f"`{metric}`" in note for metric in METRICS)
    assert "probe/right/far" not in note
