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

pytestmark = pytest.mark.slow

TRAININGS = (
    "[{experiment: 'post2/turnstile_machine,post2/counter,post0/amplitude'},"
    "{experiment: post2/turnstile, model: 'lstm,rnn'},"
    "{experiment: post2/remember, task.lag: 20, model.forget_bias: '0,3'}]"
)


def reproduce(folder: Path, *overrides: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "pipelines" / "reproduce.py"), f"tracking.dir={folder}", *overrides]
    return subprocess.run(command, capture_output=True, text=True, timeout=420)


@pytest.fixture(scope="module")
def reduced(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("reproduce")
    return folder, reproduce(folder, "seeds=2", f"trainings={TRAININGS}")


def claims(folder: Path) -> dict[str, dict[str, str]]:
    """The recorded table's rows, by what the post says."""
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
    exact = {
        "With identity weights the first component counts the coins.": "holds",
        "The second component counts the passages.": "fails",
        "The counter alone solves the turnstile.": "fails",
        "A network of ReLU units can be the turnstile: six are enough, exactly.": "holds",
        "The sine worked out.": "not measured",
    }
    assert {says: rows[says]["verdict"] for says in exact} == exact
    assert float(rows["The counter alone solves the turnstile."]["median"]) == pytest.approx(5 / 6, abs=0.01)
    learned = "RNNs will figure out which states and transitions they need: LSTM."
    assert float(rows[learned]["median"]) > 0.99  # always answering WAIT scores .83
    assert rows["The amplitude of a wave can be extracted."]["verdict"] == "holds"
    bias = "You would want the forget gate close to 1; explicitly add bias to it: 3 instead of 0 at a lag of 20."
    assert float(rows[bias]["median"]) > 0.25
    assert re.search(r"\d+ holds, .*\d+ fails, \d+ not measured", done.stdout)


def test_the_page_shows_ours_alone_without_the_originals(
    reduced: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    page = (reduced[0] / "reproduce.html").read_text()
    assert "post0/amplitude · lstm: figures/fit.png" in page
    assert "the post: post0/line.png" not in page
    assert page.count("data:image/png;base64,") > 8
    assert not re.findall(r"(?:src|href)=\"(?!data:|#)", page)


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
    assert re.findall(r"the post: ([^<]+)<", page.read_text()) == ["post0/predicted_amplitude.png"]
    assert claims(folder)["The counter alone solves the turnstile."]["verdict"] == "fails"


def test_a_training_that_fails_takes_no_verdict_with_it(tmp_path: Path) -> None:
    broken = "{experiment: post0/amplitude, task.train_size: 1000000000000}"  # more than any memory holds
    done = reproduce(tmp_path, "seeds=1", f"trainings=[{{experiment: post2/counter}},{broken}]")
    assert done.returncode == 1
    assert "error: 1 trainings failed; their claims are not measured" in done.stderr
    rows = claims(tmp_path)
    assert rows["The counter alone solves the turnstile."]["verdict"] == "fails"
    missing = rows["The amplitude of a wave can be extracted."]
    assert (missing["verdict"], missing["reason"]) == ("not measured", "no finished run of post0/amplitude · lstm")


def test_the_same_command_again_trains_nothing_and_judges_the_same(
    reduced: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, _ = reduced
    before = claims(folder)
    done = reproduce(folder, "seeds=2", f"trainings={TRAININGS}")
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(re.findall(r"^skipped ", done.stderr, re.MULTILINE)) == 7
    assert "done    " not in done.stderr
    assert claims(folder) == before
