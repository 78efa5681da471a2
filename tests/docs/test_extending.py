"""Every example of docs/extending.md runs as it stands there."""

from __future__ import annotations

import runpy
from pathlib import Path

import pandas as pd
import pytest
from documents import examples, write_examples
from scripts import run_script
from stored_scores import members

from seqprobe.config.build import build_experiment
from seqprobe.config.compose import compose_config
from seqprobe.config.targets import resolve_target
from seqprobe.tasks.splits import draw_split
from seqprobe.tracking.stores.embedded import EmbeddedStore

PAGE = "docs/extending.md"
pytestmark = pytest.mark.rendered


def trained(tmp_path: Path, *overrides: str) -> pd.DataFrame:
    """What a short training with the examples' folder recorded."""
    folder, store = write_examples(PAGE, tmp_path), tmp_path / "mlruns"
    short = ["task=running_mean", "seeds=2", "trainer.max_steps=10", f"tracking.dir={store}"]
    assert run_script("train", ["--config-dir", str(folder), *short, *overrides]) == 0
    return members(EmbeddedStore(str(store)))


def test_examples_are_complete() -> None:
    parts = ["running_mean", "held_out_parity", "leaky_rnn", "min_gru", "try_cell", "window", "longer", "first_loss"]
    parts += ["test_my_code"]
    groups = [
        "task/running_mean",
        "task/held_out_parity",
        "model/leaky_rnn",
        "model/min_gru",
        "model/window",
        "probe/longer",
        "claim/leaky",
    ]
    assert sorted(examples(PAGE)) == sorted([f"{part}.py" for part in parts] + [f"{group}.yaml" for group in groups])


def test_the_cell_in_readme_is_the_one_here() -> None:
    here, readme = examples(PAGE), examples("README.md")
    assert here["model/leaky_rnn.yaml"] == readme["model/leaky_rnn.yaml"]
    assert here["leaky_rnn.py"].split('"""')[2] == readme["leaky_rnn.py"].split('"""')[2]


def test_task_cell_probe_and_figure_run(tmp_path: Path) -> None:
    recorded = trained(tmp_path, "model=leaky_rnn", "+probe@task.probes.longer=longer")
    assert set(recorded["task"]) == {"running_mean"}
    longer = recorded[recorded["metric"].str.fullmatch(r"probe/longer/\d+/rmse")]
    assert sorted(set(longer["metric"])) == [f"probe/longer/{length}/rmse" for length in (10, 20, 40, 80)]
    assert (longer["value"] > 0).all()
    means = recorded[recorded["metric"].str.contains(r"probe/longer/(?:inside|beyond|far)/")]
    expected = {f"probe/longer/{band}/rmse" for band in ("inside", "beyond", "far")}
    assert set(means["metric"]) == expected | {f"reference/{name}/constant" for name in expected}
    far = means[means["metric"] == "reference/probe/longer/far/rmse/constant"]["value"]
    assert ((far > 0.05) & (far < 0.2)).all()
    assert len(list((tmp_path / "mlruns").rglob("figures/probe_longer.png"))) == 1


@pytest.mark.parametrize("width", [5, 10])
def test_the_model_runs(tmp_path: Path, width: int) -> None:
    recorded = trained(tmp_path, "model=window", f"model.width={width}")
    assert set(recorded["model"]) == {"window"}
    assert sorted(set(recorded["seed"])) == [0, 1]


def test_held_out_sequences_are_in_no_training_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(write_examples(PAGE, tmp_path))
    task = resolve_target("task", "held_out_parity.HeldOutParity")()
    train, val, probe = (
        {tuple(bits) for bits in draw_split(task, split, 3_000, 0).inputs.flatten(1).tolist()}
        for split in ("train", "val", "probe")
    )
    assert (len(train), len(val), len(probe)) == (192, 64, 256)
    assert train | val == probe


def test_a_cell_runs_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_examples(PAGE, tmp_path)
    monkeypatch.syspath_prepend(str(folder))
    values = runpy.run_path(str(folder / "try_cell.py"))
    assert set(values["gates"]) == {"update_gate", "candidate", "hidden"}
    built = build_experiment(compose_config(["task=running_mean", "model=min_gru"], folder).config, folder)
    assert not any("recurrent" in name for name, _ in built.build_network().named_parameters())
