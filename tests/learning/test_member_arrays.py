"""Arrays of members are joined, selected, and written member by member without a change."""

import numpy as np

from seqprobe.learning.member_arrays import MemberArrays, from_tensors, metric_arrays, to_tensors


def members(first: int, causes: list[str], steps: list[int]) -> MemberArrays:
    """Members numbered from ``first``, with series at ``steps``."""
    numbers = np.arange(first, first + len(causes), dtype=float)
    arrays = {"score:loss": numbers, "cause": np.array(causes, dtype=str), "best_weights": numbers[:, None] + [0, 0.5]}
    return MemberArrays(arrays, {"val/loss": {step: 10 * numbers + step for step in steps}})


def test_joined_members_keep_what_all_parts_have() -> None:
    joined = MemberArrays.join([members(0, ["", "loss: is nan"], [0, 5]), members(2, ["data"], [0, 5, 10])])
    assert joined.arrays["score:loss"].tolist() == [0, 1, 2]
    assert joined.arrays["cause"].tolist() == ["", "loss: is nan", "data"]
    assert {step: values.tolist() for step, values in joined.series["val/loss"].items()} == {
        0: [0, 10, 20],
        5: [5, 15, 25],
    }


def test_members_are_selected_in_order() -> None:
    chosen = members(0, ["a", "b", "c"], [3]).select([2, 0])
    assert chosen.arrays["cause"].tolist() == ["c", "a"]
    assert chosen.arrays["best_weights"].tolist() == [[2, 2.5], [0, 0.5]]
    assert chosen.series["val/loss"][3].tolist() == [23, 3]
    assert chosen.of_kind("score")["loss"].tolist() == [2, 0]


def test_a_member_comes_back_from_its_named_arrays() -> None:
    population = members(4, ["", "überall"], [0, 7])
    named = population.to_named(1)
    assert sorted(named) == ["best_weights", "cause", "score:loss", "steps:val/loss", "values:val/loss"]
    assert named["cause"].tobytes() == "überall".encode()
    back, expected = MemberArrays.from_named(named), population.select([1])
    np.testing.assert_equal(back.arrays, expected.arrays)
    np.testing.assert_equal(back.series, expected.series)


def test_a_history_comes_back_from_its_tensors() -> None:
    history = members(0, ["", ""], [0, 2, 9]).series
    np.testing.assert_equal(from_tensors(to_tensors(history)), history)


def test_a_metric_that_was_never_recorded_has_no_values() -> None:
    steps, values = metric_arrays({}, 3)
    assert (steps.shape, values.shape) == ((0,), (3, 0))
    steps, values = metric_arrays({4: np.array([1.0, 2.0]), 8: np.array([3.0, 4.0])}, 2)
    assert (steps.tolist(), values.tolist()) == ([4, 8], [[1, 3], [2, 4]])
