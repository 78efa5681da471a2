"""A reproduction trains what the chosen claims need, judges a user's own claims too, and refuses what does not fit."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from scripts import ROOT, run_script

from seqprobe.checks import InvalidValue
from seqprobe.commands.reproduction_options import ReproductionOptions
from seqprobe.commands.reproduction_plan import (
    Reproduction,
    check_probes,
    composed_trainings,
    needed_runs,
    planned_reproduction,
)
from seqprobe.commands.verdict_files import findings_address, redraw_pictures, verdict_file, write_verdicts
from seqprobe.config.claim_files import chosen_claims, load_claims
from seqprobe.config.compose import Composition, compose_config
from seqprobe.reports.claims import Verdict
from seqprobe.reports.verdict_table import verdict_frame
from seqprobe.tracking.stored_populations import population_name

CLAIMS = load_claims([ROOT / "conf"])
SHARED = """
post: 0
place: Sine
kind: ours
runs: {few: experiment=mine/tiny, more: experiment=mine/tiny trainer.max_steps=6}
why: It is a test.
figure: figures/fit.png
"""
OWN_CLAIMS = f"""{SHARED}
claims:
  more_steps_take_longer:
    says: Six updates are one more than five.
    quantity: updates, six over five
    measure: {{_target_: my_measures.UpdateRatio, above: more, below: few}}
    low: 1.2
    high: 1.2
  sine_is_learned_at_once:
    says: Five updates are enough.
    runs: {{few: experiment=mine/tiny}}
    quantity: RMSE
    measure: {{name: final, metric: val/rmse}}
    high: 0.001
"""
OWN_MEASURE = '''
import numpy as np
from seqprobe.reports.claims import Measure, Runs


class UpdateRatio(Measure):
    """Updates of one run over those of another."""

    def __init__(self, above: str, below: str) -> None:
        self.above, self.below = above, below

    def values(self, runs: Runs) -> np.ndarray:
        last = [runs[label].history("val/loss")[0][-1] for label in (self.above, self.below)]
        return np.full(len(runs[self.above].finals["val/loss"]), last[0] / last[1])
'''
OWN_PRESET = """# @package _global_
# A sine for five updates.
defaults:
  - override /task: sine
  - override /model: rnn

trainer:
  max_steps: 5
task:
  probes: null
"""


@pytest.fixture
def own_folder(tmp_path: Path) -> Path:
    """A --config-dir with claims, a measure and a preset."""
    files = {"claim/mine.yaml": OWN_CLAIMS, "my_measures.py": OWN_MEASURE, "experiment/mine/tiny.yaml": OWN_PRESET}
    for name, text in files.items():
        path = tmp_path / "own" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "own"


@pytest.mark.slow
def test_claims_of_a_users_folder_are_trained_and_judged_by_its_own_measure(own_folder: Path, tmp_path: Path) -> None:
    store, verdicts = tmp_path / "store", tmp_path / "tables" / "verdicts.csv"
    script = [sys.executable, str(ROOT / "pipelines" / "reproduce.py"), "--config-dir", str(own_folder)]
    overrides = ["claims=[mine/*]", "seeds=2", f"tracking.dir={store}", f"verdicts={verdicts}"]
    done = subprocess.run([*script, *overrides], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"^done ", done.stderr, re.MULTILINE)) == 2
    assert "1 holds, 1 fails" in done.stdout
    with verdicts.open() as file:
        rows = list(csv.DictReader(file))
    assert [row["claim"] for row in rows] == ["mine/more_steps_take_longer", "mine/sine_is_learned_at_once"]
    longer, learned = rows
    assert (longer["verdict"], longer["median"], longer["low"], longer["high"]) == ("holds", "1.2", "1.2", "1.2")
    assert (longer["seeds_true"], longer["seeds"], longer["allowed"]) == ("2", "2", "1.2")
    assert (longer["post"], longer["kind"], longer["place"], longer["why"]) == ("0", "ours", "Sine", "It is a test.")
    assert (learned["verdict"], learned["run"], learned["figure"]) == ("fails", "mine/tiny", "figures/fit.png")
    page = (store / "reproduce.html").read_text()
    assert "Six updates are one more than five." in page
    assert page.count("data:image/png;base64,") == 1


def test_all_claims_need_seventy_six_trainings() -> None:
    runs = needed_runs(CLAIMS)
    assert len(runs) == len(set(runs)) == 76
    for run in runs:
        preset = run.split()[0].removeprefix("experiment=")
        assert (ROOT / "conf" / "experiment" / f"{preset}.yaml").exists()


def test_trainings_are_those_of_the_chosen_claims_and_of_their_drawings() -> None:
    assert needed_runs(chosen_claims(CLAIMS, "post0/sine/*", None)) == ["experiment=post0/sine"]
    assert len(needed_runs(chosen_claims(CLAIMS, "post2/forget_bias/three_helps_at_lag_20", None))) == 12
    assert len(needed_runs(chosen_claims(CLAIMS, "post1/speed/lstm_is_twice_as_fast", None))) == 8


def test_pictures_are_those_whose_trainings_are_needed() -> None:
    plan = planned_reproduction(["post1/variable_length/longer*"], None, None)
    assert [pair.ours.artifact for pair in plan.pairs if not pair.ours.run] == [
        "one_value.png",
        "three_inputs.png",
        "distances_of_one_input.png",
        "distances_of_three_inputs.png",
        "equations.png",
    ]
    assert [pair.ours.run for pair in plan.pairs if pair.ours.run] == ["experiment=post1/lstm_variable"]
    assert not plan.is_complete
    assert planned_reproduction(["*"], None, None).is_complete


@pytest.mark.parametrize("subject", sorted({claim.name.rpartition("/")[0] for claim in CLAIMS}))
def test_every_training_composes_and_has_the_probes_that_claims_name(subject: str) -> None:
    claims = chosen_claims(CLAIMS, f"{subject}/*", None)
    runs = {run for claim in claims for run in claim.runs.values()}
    trainings = {run: compose_config(run.split()) for run in runs}
    check_probes(claims, trainings)
    names = {population_name(training.config["names"]) for training in trainings.values()}
    assert len(names) == len(runs)  # by which finished populations are found again


def test_a_probe_that_a_training_does_not_have_is_refused() -> None:
    (claim,) = chosen_claims(CLAIMS, "post0/sine/large_sines_are_cut", None)
    training = Composition({"task": {"probes": {"phase": {}}}})
    with pytest.raises(InvalidValue) as refused:
        check_probes([claim], {"experiment=post0/sine": training})
    assert str(refused.value) == (
        "claim/post0/sine/large_sines_are_cut.measure=probe/amplitude/1.0/amplitude_ratio: "
        "experiment=post0/sine has no probe of this name; it has phase"
    )


def test_verdicts_are_written_by_default_only_when_all_were_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqprobe.commands.verdict_files.resources", lambda name: tmp_path / name)
    plan = Reproduction(CLAIMS, [], is_complete=True)
    failed = verdict_frame([Verdict(claim, "fails") for claim in CLAIMS], "stacked")
    docs = tmp_path / "docs"
    options = ReproductionOptions(["*"], None, range(5), 1, "stacked", verdicts="auto")
    assert verdict_file(options, plan, failed) is None  # not in a checkout
    assert findings_address() == ""
    docs.mkdir()
    (docs / "findings.md").touch()
    assert findings_address() == (docs / "findings.md").as_uri()
    assert verdict_file(options, plan, failed) == docs / "verdicts.csv"
    assert verdict_file(replace(options, seeds=range(20)), plan, failed) == docs / "verdicts_20.csv"
    partly = failed.assign(verdict=["not measured", *failed["verdict"][1:]])
    assert verdict_file(options, plan, partly) is None
    for other in (replace(options, verdicts=None), *(replace(options, seeds=of) for of in (range(4), range(1, 6)))):
        assert verdict_file(other, plan, failed) is None
    assert verdict_file(options, replace(plan, is_complete=False), failed) is None
    own = tmp_path / "mine" / "own.csv"
    assert verdict_file(replace(options, verdicts=str(own)), replace(plan, is_complete=False), partly) == own
    write_verdicts(failed, own)
    assert len(own.read_text().splitlines()) == 1 + sum(len(claim.parts) for claim in CLAIMS)


def test_pictures_that_the_docs_show_are_drawn_anew_with_the_verdicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqprobe.commands.verdict_files.resources", lambda name: tmp_path / name)
    folder = tmp_path / "docs" / "images" / "reproduction"
    folder.mkdir(parents=True)
    (folder / "sines.png").write_bytes(b"")
    drawn = {"sines": Figure(figsize=(1, 1)), "lstm": Figure(figsize=(1, 1))}
    redraw_pictures(tmp_path, drawn)
    assert (folder / "sines.png").read_bytes() == b""
    redraw_pictures(tmp_path / "docs", drawn)
    assert [path.name for path in folder.iterdir()] == ["sines.png"]
    assert (folder / "sines.png").read_bytes().startswith(b"\x89PNG")


def test_every_training_has_the_engine_and_the_seeds_of_the_reproduction() -> None:
    trainings = composed_trainings(["experiment=post2/counter"], range(3), "looped", Composition({}), "mine")
    (training,) = trainings.values()
    assert (training.config["engine"], training.config["seeds"]) == ("looped", [0, 1, 2])
    assert compose_config([], None, "reproduce").config["engine"] == "stacked"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("foo=3", "foo=3: unknown key; allowed here: "),
        ("seeds=0", "seeds=0: must be an integer >= 1"),
        ("jobs=0", "jobs=0: must be an integer >= 1"),
        ("engine=fast", "engine=fast: must be one of auto, stacked, looped"),
        ("claims=[post9/*]", "claims=post9/*: matches none of the claims in post0/line_and_hill, "),
        ("post=9", "post=9: must be one of 0, 1, 2, or null"),
        ("originals=nowhere", "originals=nowhere: must be a folder with the posts' pictures, or null"),
        ("page=page.txt", "page=page.txt: must be the path of a .html file, or null"),
        ("verdicts=v.txt", "verdicts=v.txt: must be the path of a .csv file, auto, or null"),
        ("again=foo", "again=foo: is no reproduction in this store"),
        ("tracking.dir=3", "tracking.dir=3: must be text"),
    ],
)
def test_a_wrong_call_costs_one_line_and_nothing_else(
    override: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "store"
    places = [] if override.startswith("tracking") else [f"tracking.dir={store}"]
    assert run_script("reproduce", [*places, override]) == 2
    assert_one_line(message, store, capsys)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mine/tiny}", "mine/gone}", "experiment=mine/gone: must be one of "),
        ("mine/tiny}", "mine/tiny model.hidden_size=0}", "model.hidden_size=0: must be an integer >= 1"),
        (
            "metric: val/rmse",
            "metric: probe/tilt/1/rmse",
            "claim/mine/sine_is_learned_at_once.measure=probe/tilt/1/rmse: ",
        ),
        ("above: more, ", "", "claim/mine/more_steps_take_longer.measure"),
        ("high: 0.001", "height: 3", "claim/mine/sine_is_learned_at_once.height=3: unknown key; allowed here: post, "),
    ],
)
def test_a_wrong_claim_costs_one_line_and_nothing_else(
    old: str, new: str, message: str, own_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = own_folder / "claim" / "mine.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    store = tmp_path / "store"
    calls = ["--config-dir", str(own_folder), f"tracking.dir={store}", "claims=[mine/*]"]
    assert run_script("reproduce", calls) == 2
    assert_one_line(message, store, capsys)


def assert_one_line(message: str, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("error: ")
    assert message in line
    assert not (store / "reproduce.html").exists()
    assert not list(store.glob("artifacts/*/*"))
