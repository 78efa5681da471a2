"""A reduced reproduction, through the command line."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from scripts import ROOT

from seqprobe.tracking.stores.embedded import EmbeddedStore

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("reproduce")]

CHOSEN = (
    "claims=[post2/counter/*,post0/amplitude/*,post2/turnstile/lstm*,post2/turnstile/tanh*,"
    "post2/turnstile/states_are_readable]"
)
BROKEN = """
post: 0
says: More curves than any memory holds are learned.
place: "Amplitude of a wave"
kind: ours
runs: {many: experiment=post0/amplitude task.train_size=1000000000}
quantity: RMSE
measure: {name: final, metric: val/rmse}
high: 1
why: It is a test.
figure: figures/fit.png
"""


def reproduce(folder: Path, *overrides: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "pipelines" / "reproduce.py"), f"tracking.dir={folder}", *overrides]
    return subprocess.run(command, capture_output=True, text=True, timeout=420)


@pytest.fixture(scope="module")
def reduced(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("reproduce")
    return folder, reproduce(folder, "seeds=2", CHOSEN)


def claims(folder: Path) -> dict[str, dict[str, str]]:
    """The recorded table's rows, by the claim's name."""
    client = EmbeddedStore(str(folder)).client()
    experiment = client.get_experiment_by_name("reproduce")
    assert experiment is not None
    run = client.search_runs([experiment.experiment_id], order_by=["start_time desc"])[0]
    table = Path(client.download_artifacts(run.info.run_id, "tables/claims.csv"))
    with table.open() as file:
        return {row["claim"]: row for row in csv.DictReader(file)}


def test_it_judges_what_was_trained(reduced: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = reduced
    assert done.returncode == 0, done.stderr[-2000:]
    rows = claims(folder)
    assert len(rows) == 9
    exact = {
        "post2/counter/first_component_counts_coins": "holds",
        "post2/counter/second_component_counts_pushes": "holds",
        "post2/counter/counter_solves_the_turnstile": "fails",
        "post2/counter/six_relu_units_are_the_turnstile": "holds",
        "post0/amplitude/amplitude_is_learned": "holds",
    }
    assert {name: rows[name]["verdict"] for name in exact} == exact
    assert float(rows["post2/counter/counter_solves_the_turnstile"]["median"]) == pytest.approx(5 / 6, abs=0.01)
    assert float(rows["post2/turnstile/lstm_learns_it"]["median"]) > 0.99  # always answering WAIT scores .83
    assert re.search(r"\d+ holds, .*\d+ fails", done.stdout)
    assert len(re.findall(r"^done ", done.stderr, re.MULTILINE)) == 5


def test_the_page_shows_ours_alone_without_the_originals(
    reduced: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    page = (reduced[0] / "reproduce.html").read_text()
    assert "post0/amplitude: figures/fit.png" in page
    assert "the post: post0/line.png" not in page
    assert page.count("data:image/png;base64,") >= 8
    assert not re.findall(r"<(?!a )[^>]*(?:src|href)=\"(?!data:|#)", page)  # nothing is loaded from elsewhere
    assert re.findall(r"<a href=\"(?!#)([^\"]*)", page) == [(ROOT / "docs/findings.md").as_uri()]


def test_it_judges_an_earlier_reproduction_again_beside_the_originals(
    reduced: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    folder, done = reduced
    sweep = re.findall(r"again=(reproduce-\S+)", done.stdout)[0]
    (tmp_path / "post0").mkdir()
    Image.new("RGB", (30, 20), "red").save(tmp_path / "post0" / "predicted_amplitude.png")
    page = tmp_path / "again.html"
    again = reproduce(folder, CHOSEN, f"again={sweep}", f"originals={tmp_path}", f"page={page}")
    assert again.returncode == 0, again.stderr[-2000:]
    assert "done " not in again.stderr
    assert set(re.findall(r"the post: ([^<]+)<", page.read_text())) == {"post0/predicted_amplitude.png"}
    assert claims(folder)["post2/counter/counter_solves_the_turnstile"]["verdict"] == "fails"


def test_a_training_that_fails_takes_no_verdict_with_it(tmp_path: Path) -> None:
    (tmp_path / "own" / "claim").mkdir(parents=True)
    (tmp_path / "own" / "claim" / "broken.yaml").write_text(BROKEN)
    chosen = ["--config-dir", str(tmp_path / "own"), "claims=[post2/counter/*,broken]"]
    done = reproduce(tmp_path, "seeds=1", *chosen)
    assert done.returncode == 1
    assert "error: 1 trainings failed; their claims are not measured" in done.stderr
    rows = claims(tmp_path)
    assert rows["post2/counter/counter_solves_the_turnstile"]["verdict"] == "fails"
    missing = rows["broken"]
    run = "post0/amplitude task.train_size=1000000000"
    assert (missing["verdict"], missing["reason"]) == ("not measured", f"no finished run of {run}")


def test_the_same_command_again_trains_nothing_and_judges_the_same(
    reduced: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, _ = reduced
    before = claims(folder)
    done = reproduce(folder, "seeds=2", CHOSEN)
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(re.findall(r"^skipped ", done.stderr, re.MULTILINE)) == 5
    assert "done    " not in done.stderr
    assert claims(folder) == before
