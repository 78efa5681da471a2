"""An installed wheel works without the checkout, and keeps its runs where it is called from."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from scripts import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", str(folder), str(ROOT)], check=True, capture_output=True)
    (wheel,) = folder.glob("seqprobe-*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def seqprobe(site: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site)}
    return subprocess.run(
        [sys.executable, "-m", "seqprobe", *arguments], cwd=cwd, env=environment, capture_output=True, text=True
    )


def test_it_trains_into_the_working_directory(site: Path, tmp_path: Path) -> None:
    done = seqprobe(site, tmp_path, "train", "task=line_xy", "model=rnn", "seeds=1", "trainer.max_steps=3")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "mlruns/mlflow.db").exists()
    assert (site / "seqprobe/conf/config.yaml").exists()
    assert (site / "seqprobe/conf/data/rooms.csv").exists()
    assert (site / "seqprobe/py.typed").exists()
    assert (site / "seqprobe/reports/verdict_page.html.j2").exists()
    assert (site / "seqprobe/reports/comparison_page.html.j2").exists()


def test_it_names_its_commands(site: Path, tmp_path: Path) -> None:
    done = seqprobe(site, tmp_path)
    assert done.returncode == 2
    commands = "|".join(sorted(path.stem for path in (ROOT / "pipelines").glob("*.py")))
    assert done.stderr.startswith(f"usage: seqprobe {commands} …")


def test_benchmarks_take_a_checkout(site: Path, tmp_path: Path) -> None:
    assert not (site / "seqprobe/bench").exists()
    done = seqprobe(site, tmp_path, "bench", "rounds=1")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: seqprobe bench needs a checkout of the repository: run make bench there\n"
    assert list(tmp_path.iterdir()) == []
