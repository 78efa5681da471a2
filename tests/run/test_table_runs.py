"""A table is trained from a config: in units, once for all seeds, and again only when its content changes."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from trainings import train

from seqprobe.checks import InvalidValue
from seqprobe.config.build import build_experiment
from seqprobe.config.compose import plain_config
from seqprobe.config.places import resources
from seqprobe.learning.experiment import Experiment
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.result import TrainResult
from seqprobe.run.added_probes import check_unchanged_files
from seqprobe.run.identity import training_identity
from seqprobe.scoring import Tag

ROOMS = resources("conf") / "data/rooms.csv"
FAST = ("seeds=2", "trainer.max_steps=4", "model.hidden_size=3", "engine=stacked")


def rooms(*overrides: str) -> Experiment:
    return build_experiment(plain_config("task=rooms", *FAST, *overrides))


@pytest.fixture(scope="module")
def trained() -> tuple[Experiment, TrainResult, MemoryRecorder]:
    experiment, recorder = rooms(), MemoryRecorder()
    return experiment, train(experiment, recorder), recorder


def test_scores_have_units_and_the_loss_has_none(trained: tuple[Experiment, TrainResult, MemoryRecorder]) -> None:
    experiment, result, _ = trained
    batch = experiment.task.sample_split("val", experiment.task.val_size, torch.Generator())
    outputs = result.population.predict(batch.to("cpu", torch.float32).repeat(2)).double()
    squares = (outputs - batch.targets).square()[batch.mask.expand(2, -1, -1)].view(2, -1)
    scaling = experiment.task.scaling()
    assert scaling is not None
    np.testing.assert_allclose(result.scores["rmse"], squares.mean(1).sqrt().numpy(), rtol=1e-4)
    in_deviations = squares.mean(1) / scaling.output_deviation.square()
    np.testing.assert_allclose(result.scores["loss"], in_deviations.numpy(), rtol=1e-4)
    assert result.references["constant"].score[0] == pytest.approx(squares.new_tensor(5.6).item(), abs=1)
    assert result.references["constant"].loss[0] == pytest.approx(1, abs=0.3)


def test_all_members_see_the_same_sequences_which_are_held_once(
    trained: tuple[Experiment, TrainResult, MemoryRecorder],
) -> None:
    from seqprobe.learning.plan import group_data

    data = group_data(trained[0], [0, 1])
    assert data.train.inputs.stride(0) == 0
    (first,) = data.minibatches(range(1))
    expected = data.train.inputs[0][torch.from_numpy(data.orders[1].indices(range(1))[0]).long()]
    assert torch.equal(first.inputs[1], expected)


def test_its_figures_and_tables_are_recorded(trained: tuple[Experiment, TrainResult, MemoryRecorder]) -> None:
    recorder = trained[2]
    assert {"fit", "sequences", "probe_groups", "probe_length", "probe_noise", "probe_missing"} <= set(recorder.figures)
    table = recorder.tables["sequences"]
    assert list(table.columns) == ["sequence", "step", "column", "value"]
    assert table["column"].unique().tolist()[-1] == "inside (target, °C)"
    first = table[(table["sequence"] == "t1") & (table["column"] == "inside (target, °C)")]
    assert first["value"].tolist()[:3] == [14.09, 13.39, 12.90]


def identity(path: Path, *overrides: str) -> str:
    return training_identity(plain_config("task=rooms", f"task.path={path}", *overrides))


def test_the_content_of_a_file_decides_and_not_its_folder(tmp_path: Path) -> None:
    before = identity(ROOMS)
    copy = tmp_path / "rooms.csv"
    shutil.copyfile(ROOMS, copy)
    assert identity(copy) == before == identity(copy, "task.val_share=null")
    copy.write_text(copy.read_text().replace("14.09", "14.10", 1))
    assert identity(copy) != before


def test_a_run_on_other_content_is_not_probed_any_more(tmp_path: Path) -> None:
    (tmp_path / "rooms.csv").write_text(ROOMS.read_text())
    config = plain_config("task=rooms", f"task.path={tmp_path}/rooms.csv", *FAST)
    run = SimpleNamespace(run_id="1", tags={Tag.TRAINING: training_identity(config)})
    check_unchanged_files(run, config, build_experiment(config))  # type: ignore[arg-type]
    (tmp_path / "rooms.csv").write_text(ROOMS.read_text().replace("14.09", "14.10", 1))
    with pytest.raises(InvalidValue, match="the files that its task reads have changed since"):
        check_unchanged_files(run, config, build_experiment(config))  # type: ignore[arg-type]


def test_data_that_do_not_fit_into_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from seqprobe.learning import memory

    monkeypatch.setattr(memory, "free_bytes", lambda device: 2**10)
    with pytest.raises(InvalidValue, match=r"drawing the data of one seed takes .* GiB of memory"):
        memory.drawing_room(rooms().task, torch.float32)


def test_the_table_is_made_by_its_script() -> None:
    import runpy

    from scripts import ROOT

    assert runpy.run_path(str(ROOT / "docs/rooms.py"))["table"]() == ROOMS.read_text()
    assert ROOMS.stat().st_size < 200_000
