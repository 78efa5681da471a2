"""A table as a task: batches of its rows, splits, and normalisation by the training set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from seqprobe.checks import InvalidValue
from seqprobe.tasks.splits import draw_split
from seqprobe.tasks.tables.table_task import TableTask

ROWS = (
    "id,t,x,y,z,w,part\n"
    "a,0,1,10,3,up,train\na,1,2,20,5,up,train\na,2,3,30,7,up,train\n"
    "b,0,5,50,9,down,train\n"
    "c,0,7,70,11,up,val\nc,1,8,80,13,up,val\n"
    "d,0,9,90,1,down,probe\nd,1,9,90,2,down,probe\nd,2,9,90,3,down,probe\nd,3,9,90,4,down,probe\n"
)


def task(folder: Path, **arguments: Any) -> TableTask:
    path = folder / "sensors.csv"
    path.write_text(ROWS)
    stated = {"sequence": "id", "step": "t", "features": ["x", "y"], "targets": ["z"], "split": "part"}
    return TableTask(str(path), **{**stated, **arguments})


def test_sizes_and_name_follow_from_the_file(tmp_path: Path) -> None:
    made = task(tmp_path)
    assert (made.name, made.kind, made.loss, made.output_names) == ("sensors", "seq2seq", "mse", ("z",))
    assert (made.input_size, made.output_size, made.max_length) == (2, 1, 3)
    assert (made.train_size, made.val_size) == (2, 1)
    assert task(tmp_path, name="other").name == "other"
    assert [file.name for file in made.files()] == ["sensors.csv"]


def test_batches_have_the_units_of_the_file_and_zeros_as_padding(tmp_path: Path) -> None:
    train = draw_split(task(tmp_path), "train", 2, 0)
    assert train.inputs.tolist() == [[[1, 10], [2, 20], [3, 30]], [[5, 50], [0, 0], [0, 0]]]
    assert train.targets.tolist() == [[[3], [5], [7]], [[9], [0], [0]]]
    assert train.lengths.tolist() == [3, 1]
    assert draw_split(task(tmp_path), "val", 1, 0).targets.tolist() == [[[11], [13], [0]]]
    assert draw_split(task(tmp_path), "probe", 1, 0).lengths.tolist() == [4]


def test_one_target_for_each_sequence_as_a_class(tmp_path: Path) -> None:
    made = task(tmp_path, targets=["w"], kind="seq2vec")
    assert (made.loss, made.output_names, made.kind) == ("cross_entropy", ("down", "up"), "seq2vec")
    assert draw_split(made, "train", 2, 0).targets.tolist() == [1, 0]
    assert draw_split(task(tmp_path, targets=["w"]), "train", 1, 0).targets.tolist() == [[1, 1, 1]]


def test_the_next_step_is_predicted_with_a_shift(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"shift=1: sequence b has no more than 1 rows, so none with a target"):
        task(tmp_path, shift=1)
    path = tmp_path / "long.csv"
    path.write_text("id,x\na,1\na,2\na,4\nb,8\nb,16\n")
    made = TableTask(str(path), "id", ["x"], ["x"], shift=1)
    batch = made.pose(np.array([0, 1]))
    assert batch.inputs[..., 0].tolist() == [[1, 2], [8, 0]]
    assert batch.targets[..., 0].tolist() == [[2, 4], [16, 0]]
    assert batch.lengths.tolist() == [2, 1]


def test_a_seed_draws_what_validates_where_no_column_says_it(tmp_path: Path) -> None:
    rows = "".join(f"s{i},{i}\n" for i in range(20))
    (tmp_path / "long.csv").write_text("id,x\n" + rows)
    made = TableTask(str(tmp_path / "long.csv"), "id", ["x"], ["x"], val_share=0.25)
    assert (made.train_size, made.val_size) == (15, 5)
    drawn = {}
    for seed in (0, 1):
        train, val = (draw_split(made, split, size, seed) for split, size in (("train", 15), ("val", 5)))
        drawn[seed] = val.inputs.flatten().tolist()
        assert sorted([*drawn[seed], *train.inputs.flatten().tolist()]) == list(range(20))
        scaling = made.for_seed(seed).scaling()
        assert scaling.input_mean.item() == pytest.approx(train.inputs.mean().item())
    assert drawn[0] != drawn[1]
    with pytest.raises(InvalidValue, match=r"val_share=0\.5: must be null with split=part"):
        task(tmp_path, val_share=0.5)


def test_the_training_set_alone_decides_what_is_normalised(tmp_path: Path) -> None:
    scaling = task(tmp_path).scaling()
    assert scaling.input_mean.tolist() == pytest.approx([11 / 4, 110 / 4])
    assert scaling.output_mean.item() == 6
    assert scaling.output_deviation.item() == pytest.approx(5**0.5)
    classes = task(tmp_path, targets=["w"]).scaling()
    assert (classes.output_mean.tolist(), classes.output_deviation.tolist()) == ([0, 0], [1, 1])
    assert task(tmp_path, features=["t"], split=None).for_seed(3).scaling().input_deviation.isfinite().all()


def test_a_constant_column_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "flat.csv").write_text("id,x,z\na,5,1\nb,5,2\nc,5,3\n")
    scaling = TableTask(str(tmp_path / "flat.csv"), "id", ["x"], ["z"]).scaling()
    assert (scaling.input_mean.item(), scaling.input_deviation.item()) == (5, 1)


def test_values_that_single_precision_cannot_tell_apart_are_noticed(tmp_path: Path) -> None:
    (tmp_path / "far.csv").write_text("id,x,z\n" + "".join(f"s{i},{48 + i},{1e9 + i}\n" for i in range(8)))
    scaling = TableTask(str(tmp_path / "far.csv"), "id", ["x"], ["z"]).scaling()
    assert scaling.coarse_values(torch.float32) == [("targets", 0)]
    assert scaling.coarse_values(torch.float64) == []


def test_the_constant_predictor_is_scored_in_units_and_its_loss_without(tmp_path: Path) -> None:
    made = task(tmp_path)
    level = made.reference_levels(draw_split(made, "train", 2, 0), draw_split(made, "val", 1, 0))["constant"]
    squares = ((11 - 6) ** 2 + (13 - 6) ** 2) / 2
    assert level.score == pytest.approx(squares**0.5)
    assert level.loss == pytest.approx(squares / 5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"features": "x"}, r"features=x: must be a list of columns$"),
        ({"features": ["x", "x"]}, r"features=\[x,x\]: has a column twice$"),
        (
            {"features": ["x", "id"]},
            r"features=id: must be a column of numbers, and this one has the names of sequences$",
        ),
        ({"step": "part"}, r"step=part: must be a column of numbers, and this one has the names of splits$"),
        ({"features": None}, r"features=null: must be a list of columns$"),
        ({"sequence": None}, r"sequence=null: must be the name of a column$"),
        ({"features": ["w"]}, r"row 1 \(line 2\), column w: 'up' is not a number$"),
        ({"targets": ["z", "w"]}, r"targets=\[z,w\]: must be one column where it holds classes, as w does$"),
        ({"kind": "seq2vec", "targets": ["w"], "shift": 1}, r"shift=1: must be 0 with kind=seq2vec, "),
        ({"val_share": 1.5, "split": None}, r"val_share=1\.5: must be in \(0, 1\)$"),
        ({"split": "parts"}, r"has no column parts; .*; did you mean part\?$"),
    ],
)
def test_wrong_arguments_are_named(tmp_path: Path, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        task(tmp_path, **arguments)
