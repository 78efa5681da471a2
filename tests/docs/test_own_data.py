"""The example of docs/own_data.md runs as it stands there, and its table of keys is complete."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from documents import examples, text, write_examples
from scripts import ROOT, run_script

from seqprobe.tasks.tables.table_task import TableTask

PAGE = "docs/own_data.md"
pytestmark = pytest.mark.rendered


def test_from_a_table_to_a_figure_of_groups_that_training_never_sees(tmp_path: Path) -> None:
    folder, store = write_examples(PAGE, tmp_path), tmp_path / "mlruns"
    file = folder / "task/my_rooms.yaml"
    file.write_text(file.read_text().replace("conf/data", str(ROOT / "conf/data")))
    short = ["task=my_rooms", "model=gru", "seeds=2", "trainer.max_steps=4", f"tracking.dir={store}"]
    assert run_script("train", ["--config-dir", str(folder), *short]) == 0
    (figure,) = store.rglob("figures/probe_groups.png")
    assert figure.relative_to(store).parts[1] == "rooms"


def test_the_example_is_short() -> None:
    assert list(examples(PAGE)) == ["task/my_rooms.yaml"]
    assert len(examples(PAGE)["task/my_rooms.yaml"].splitlines()) <= 25


def test_every_key_is_explained() -> None:
    explained = re.findall(r"^\| `(\w+)` \| ", text(PAGE), re.MULTILINE)
    probes = ["table_groups", "table_length", "table_noise", "table_missing"]
    assert sorted(explained) == sorted([*inspect.signature(TableTask).parameters, *probes])


def test_the_first_rows_are_those_of_the_file() -> None:
    first = (ROOT / "conf/data/rooms.csv").read_text().splitlines()[:4]
    assert "\n".join(first) in text(PAGE)
