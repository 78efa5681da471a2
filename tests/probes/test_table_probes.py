"""Probes of recorded sequences: what they feed, on which sequences, and what they measure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from probes.function_members import FunctionMembers

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue
from seqprobe.probes.table_disturbances import TableMissing, TableNoise
from seqprobe.probes.table_selections import TableGroups, TableLength
from seqprobe.tasks.tables.table_task import TableTask

ROWS = "".join(
    f"s{i},{step},{step + 1},{10 * i},{part},{site},{size}\n"
    for i, (part, site, size, steps) in enumerate(
        [
            ("train", "north", 2, 3),
            ("train", "south", 4, 2),
            ("val", "north", 2, 2),
            ("val", "south", 4, 3),
            ("probe", "east", 9, 5),
        ]
    )
    for step in range(steps)
)


@pytest.fixture
def task(tmp_path: Path) -> TableTask:
    (tmp_path / "sites.csv").write_text("id,t,x,z,part,site,size\n" + ROWS)
    return TableTask(str(tmp_path / "sites.csv"), "id", ["x"], ["z"], "t", split="part", unit="m")


def members() -> FunctionMembers:
    """One that always answers 30, which is right for s3, and one that diverged."""
    shapes = [lambda batch: np.full(batch.targets.shape, 30.0), lambda batch: np.full(batch.targets.shape, np.nan)]
    return FunctionMembers(shapes)


def test_groups_are_scored_one_by_one_and_unseen_ones_are_beyond(task: TableTask) -> None:
    probe = TableGroups("site")
    probe.check(task)
    result = probe.run(members(), task, [0, 1])
    assert result.labels == ["east", "north", "south"]
    assert result.bands == ["beyond", "inside", "inside"]
    assert result.scores["rmse"][0].tolist() == [10, 10, 0]
    assert np.isnan(result.scores["rmse"][1]).all()
    constant = (3 * 0 + 2 * 10) / 5
    assert result.levels["rmse"]["constant"][0].tolist() == pytest.approx([40 - constant, 20 - constant, 30 - constant])
    assert probe.draw(result, task, "title").axes[0].get_ylabel() == "RMSE of z (m)"


def test_groups_that_are_numbers_have_distances(task: TableTask) -> None:
    result = TableGroups("size").run(members(), task, [0, 1])
    assert result.labels == ["2", "4", "9"]
    assert result.distances is not None
    assert result.distances.tolist() == [0, 0, 5]
    assert result.bands == ["inside", "inside", "far"]
    with pytest.raises(InvalidValue, match=r"column=sites: .*sites\.csv: has no column sites"):
        TableGroups("sites").check(task)


def test_sequences_are_cut_and_shorter_ones_left_out(task: TableTask) -> None:
    result = TableLength([2, 3, 5]).run(members(), task, [0, 1])
    assert result.scores["rmse"][0].tolist() == pytest.approx([(100 / 2) ** 0.5, 0, 10])
    assert result.bands == ["inside", "inside", "far"]
    assert TableLength().values(task) == [1, 2, 3, 5]
    with pytest.raises(InvalidValue, match=r"values=\[2,6\]: the longest sequence to probe has 5 steps"):
        TableLength([2, 6]).check(task)


def test_lengths_of_no_validation_sequence_are_beyond_training(tmp_path: Path) -> None:
    sequences = [("train", 2, 1), ("train", 4, 1), ("val", 3, 20), ("probe", 6, 40)]
    rows = [f"s{i},{step},1,{z},{part}" for i, (part, steps, z) in enumerate(sequences) for step in range(steps)]
    (tmp_path / "short.csv").write_text("\n".join(["id,t,x,z,part", *rows]))
    task = TableTask(str(tmp_path / "short.csv"), "id", ["x"], ["z"], "t", split="part")
    result = TableLength([2, 3, 4, 6]).run(members(), task, [0, 1])
    assert result.scores["rmse"][0].tolist() == [10, 10, 10, 10]
    assert result.levels["rmse"]["constant"][0].tolist() == pytest.approx([19, 19, 39, 39])
    assert result.bands == ["inside", "inside", "beyond", "far"]


def test_noise_is_in_deviations_of_the_training_set_and_leaves_padding_alone(task: TableTask) -> None:
    seen: list[Batch] = []

    def answer(batch: Batch) -> np.ndarray:
        seen.append(batch)
        return np.zeros(batch.targets.shape)

    TableNoise([0, 2]).run(FunctionMembers([answer]), task, [0])
    clean, noisy = (batch.inputs[..., 0] for batch in seen)
    assert clean.tolist() == [[1, 2, 0], [1, 2, 3]]
    noise = torch.randn(2, 3, 1, generator=drawn_after_the_order(), dtype=torch.float64)[..., 0]
    expected = clean + 2 * noise * task.scaling().input_deviation
    assert torch.allclose(noisy, expected.masked_fill(clean == 0, 0))


def drawn_after_the_order() -> torch.Generator:
    """The stream of probes of seed 0, after the order of two sequences was drawn from it."""
    from seqprobe.seeds import generator

    source = generator(0, "probes")
    torch.randperm(2, generator=source)
    return source


def test_missing_steps_repeat_the_last_known_inputs(task: TableTask) -> None:
    seen: list[Batch] = []

    def answer(batch: Batch) -> np.ndarray:
        seen.append(batch)
        return np.zeros(batch.targets.shape)

    TableMissing([0, 1]).run(FunctionMembers([answer]), task, [0])
    assert seen[0].inputs[..., 0].tolist() == [[1, 2, 0], [1, 2, 3]]
    assert seen[1].inputs[..., 0].tolist() == [[1, 1, 0], [1, 1, 1]]
    with pytest.raises(InvalidValue, match=r"values=1\.5: must be in 0 … 1"):
        TableMissing([1.5])


def test_members_may_have_other_numbers_of_sequences(tmp_path: Path) -> None:
    sites = ["north", "south", "south", "south"]
    rows = "".join(f"s{i},{step},{i},{sites[i % 4]}\n" for i in range(12) for step in range(1 + i % 5))
    (tmp_path / "sites.csv").write_text("id,t,z,site\n" + rows)
    task = TableTask(str(tmp_path / "sites.csv"), "id", ["t"], ["z"], "t", val_share=0.5)
    seeds = [0, 1, 2]
    perfect = FunctionMembers([lambda batch: batch.targets.numpy() + 0.5] * 3)
    result = TableGroups("site").run(perfect, task, seeds)
    codes, names = task.table.groups("site")
    for row, seed in enumerate(seeds):
        known = {names[codes[i]] for i in task.for_seed(seed).sequences["val"]}
        expected = [0.5 if name in known else np.nan for name in result.labels]
        np.testing.assert_allclose(result.scores["rmse"][row], expected)


def test_fewer_sequences_are_probed_during_training(task: TableTask) -> None:
    during = TableGroups("site", size=1000).during_training()
    assert during.size == 50
    result = during.run(members(), task, [0, 1])
    assert result.levels == {}
    assert result.scores["rmse"][0].tolist() == [10, 10, 0]
