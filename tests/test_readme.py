"""README is short, and what it shows works as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

from documents import examples, text, write_examples
from PIL import Image
from scripts import ROOT, run_script
from stored_scores import members

from seqprobe.tracking.stores.embedded import EmbeddedStore


def test_it_is_at_most_nine_kilobytes_and_120_columns() -> None:
    readme = text("README.md")
    assert len(readme.encode()) <= 9 * 1024
    assert max(map(len, readme.splitlines())) <= 120


def test_it_opens_with_an_animation_and_shows_three_findings() -> None:
    animation, *findings = re.findall(r"!\[[^]]*\]\(([^)]*)\)", text("README.md"))
    assert animation == "docs/images/opening.gif"
    with Image.open(ROOT / animation) as image:
        assert image.n_frames >= 15
    assert (ROOT / animation).stat().st_size < 600_000
    assert len(findings) == 3
    assert [name for name in findings if (ROOT / name).stat().st_size >= 60_000] == []


def test_the_first_commands_are_those_of_make() -> None:
    first = text("README.md").split("## ")[0]
    assert re.findall(r"^make (\w+)", first, re.MULTILINE) == ["sweep", "test", "ui"]


def test_the_posts_stand_there_by_title() -> None:
    readme = " ".join(text("README.md").split())
    for title in ("*Lstm Toy Examples*", "*Long-term short-term memory*", "*Making sense of LSTMs by example*"):
        assert title in readme


def test_the_cell_runs_as_shown(tmp_path: Path) -> None:
    assert list(examples("README.md")) == ["leaky_rnn.py", "model/leaky_rnn.yaml"]
    folder, store = write_examples("README.md", tmp_path), tmp_path / "mlruns"
    overrides = ["task=turnstile", "model=leaky_rnn", "seeds=2", "trainer.max_steps=10", f"tracking.dir={store}"]
    assert run_script("train", ["--config-dir", str(folder), *overrides]) == 0
    recorded = members(EmbeddedStore(str(store)))
    assert set(recorded["model"]) == {"leaky_rnn"}
    assert sorted(set(recorded["seed"])) == [0, 1]
