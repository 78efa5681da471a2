"""A regression test for architectures, as a user runs it: one's own cell changes, and its populations alone train."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml
from commands.test_config_dir import output_of
from scripts import ROOT, run_script

CELL = """
from seqprobe.models import Cell

class Mine(Cell):
    gates = ("candidate",)

    def step(self, blocks, hidden):
        candidate = blocks[0].tanh()
        return {"candidate": candidate, "hidden": candidate * SCALE}
"""
CHOICES = ["task=amplitude", "model=mine,gru", "seeds=8", "trainer.max_steps=150", "engine=stacked"]


def sweep_of(printed: str) -> str:
    """The id that a sweep prints."""
    (sweep,) = re.findall(r"What changes after sweep (\S+):", printed)
    return str(sweep)


@pytest.mark.slow
def test_a_cell_that_becomes_worse(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine"
    (mine / "model").mkdir(parents=True)
    (mine / "model/mine.yaml").write_text("# Mine.\ndefaults: [rnn, _self_]\ncell: {_target_: my_cell.Mine}\n")
    (mine / "my_cell.py").write_text(CELL.replace("SCALE", "1.0"))
    store = f"tracking.dir={tmp_path / 'store'}"
    first = output_of("sweep", "--config-dir", str(mine), *CHOICES, store)
    assert "2 trained" in first
    assert run_script("compare", [store, "against=last"]) == 0
    assert "2 unchanged" in capsys.readouterr().out

    (mine / "my_cell.py").write_text(CELL.replace("SCALE", "0.01"))  # it forgets at every step
    second = output_of("sweep", "--config-dir", str(mine), *CHOICES, store)
    assert "1 trained, 1 finished before" in second
    assert run_script("compare", [store, "against=previous"]) == 3
    captured = capsys.readouterr()
    assert captured.err.splitlines()[-1] == "error: worse than before: amplitude · mine"
    assert f"The newest runs against sweep {sweep_of(first)}" in captured.out
    assert "1 worse, 1 unchanged" in captured.out
    assert "amplitude · gru" in (tmp_path / "store/comparison/changes.html").read_text()

    both = [f"against={sweep_of(first)}", f"sweep_id={sweep_of(second)}"]
    assert run_script("compare", [store, *both, "models=[gru]", "fail_on=undecided"]) == 0
    assert run_script("compare", [store, f"against={sweep_of(second)}", f"sweep_id={sweep_of(first)}"]) == 0
    assert "1 better, 1 unchanged" in capsys.readouterr().out


def test_the_workflow_in_the_docs_calls_what_there_is() -> None:
    (workflow,) = re.findall(
        r"```yaml\n(name: architectures\n.*?)```", (ROOT / "docs/comparing.md").read_text(), re.DOTALL
    )
    steps = yaml.safe_load(workflow)["jobs"]["regression"]["steps"]
    calls = [shlex.split(step["run"]) for step in steps if "pipelines/" in step.get("run", "")]
    assert [Path(words[1]).stem for words in calls] == ["sweep", "compare"]
    assert "sweep=regression" in calls[0]
    assert calls[1][2:] == ["against=$(cat", "accepted_sweep)"]
