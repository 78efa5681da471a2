"""What the README shows works as it stands there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from scripts import ROOT, run_script

from seqprobe.config.build import build_experiment, build_store
from seqprobe.config.compose import plain_config
from seqprobe.tracking.run_frames import members
from seqprobe.tracking.stores.embedded import EmbeddedStore

README = (ROOT / "README.md").read_text()
RECIPES = [
    shlex.split(line, comments=True)[2:]
    for line in README.splitlines()
    if line.startswith("python pipelines/") and not re.search("--help|--config-dir|list.py|compare.py|sweep=", line)
]
EXAMPLE = re.findall(r"<!-- example: my_conf/(\S+) -->\n```\w+\n(.*?)```", README, re.DOTALL)


def single_choices(arguments: list[str]) -> list[str]:
    """A recipe's overrides with the first of several choices."""
    return [re.sub(r"^(task|model)=(\w+),.*", r"\1=\2", argument) for argument in arguments if argument != "-m"]


def test_there_are_at_least_ten_recipes() -> None:
    assert len(RECIPES) >= 10


@pytest.mark.parametrize("arguments", RECIPES, ids=" ".join)
def test_a_recipe_builds_what_it_says(arguments: list[str], tmp_path: Path) -> None:
    plain = plain_config(*single_choices(arguments), f"tracking.dir={tmp_path}")
    build_store(plain)
    assert build_experiment(plain).task.name == plain["names"]["task"]


def test_the_example_task_cell_and_probe_run_as_shown(tmp_path: Path) -> None:
    assert [name for name, _ in EXAMPLE] == ["running_mean.py", "task/running_mean.yaml", "model/leaky_rnn.yaml"]
    for name, text in EXAMPLE:
        path = tmp_path / "my_conf" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    store = tmp_path / "mlruns"
    overrides = ["task=running_mean", "model=leaky_rnn", "seeds=3", "trainer.max_steps=30", f"tracking.dir={store}"]
    assert run_script("train", ["--config-dir", str(tmp_path / "my_conf"), *overrides]) == 0
    recorded = members(EmbeddedStore(str(store)))
    assert sorted(set(recorded["seed"])) == [0, 1, 2]
    longer = recorded[recorded["metric"].str.fullmatch(r"probe/longer/\d+/rmse")]
    assert sorted(set(longer["metric"])) == [f"probe/longer/{length}/rmse" for length in (10, 20, 40, 80)]
    assert (longer["value"] > 0).all()
