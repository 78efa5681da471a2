"""One command line with several values becomes the overrides of every run, in the order of Hydra's own sweeper."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqprobe.checks import InvalidValue
from seqprobe.commands.sweep import list_runs
from seqprobe.config.multirun import combinations, expand_multirun


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["task=a,b", "seeds=2"], [["task=a", "seeds=2"], ["task=b", "seeds=2"]]),
        (["x=1,2", "y=3,4"], [["x=1", "y=3"], ["x=1", "y=4"], ["x=2", "y=3"], ["x=2", "y=4"]]),
        (["x=range(1,3)"], [["x=1"], ["x=2"]]),
        (["seeds=[0,3]", "~task.probes.x", "+a.b=1,2"], [["seeds=[0,3]", "~task.probes.x", f"+a.b={i}"] for i in "12"]),
        (["task=a,b", "task=c"], [["task=c"]]),
        (["tracking.dir='/a b'"], [["tracking.dir='/a b'"]]),
        ([], [[]]),
    ],
    ids=str,
)
def test_all_combinations(overrides: list[str], expected: list[list[str]]) -> None:
    assert combinations(overrides) == expected


def test_what_cannot_be_listed_is_refused() -> None:
    with pytest.raises(InvalidValue, match="must be a list of values or a range"):
        combinations(["optimizer.lr=interval(0.1,1)"])


def test_a_sweep_file_lists_runs_and_overrides_win_over_it() -> None:
    multirun = expand_multirun(["sweep=remember", "task.lag=10", "hydra.launcher.jobs=3"])
    biases = [f"model.forget_bias={bias}" for bias in (0, 1, 3)]
    assert multirun.override_lists == [["experiment=post2/remember", "task.lag=10", bias] for bias in biases]
    assert (multirun.launcher.name, multirun.launcher.settings["jobs"]) == ("processes", 3)


def test_a_users_own_sweep(tmp_path: Path) -> None:
    (tmp_path / "sweep").mkdir()
    (tmp_path / "sweep/mine.yaml").write_text("# @package _global_\nhydra: {sweeper: {params: {task: 'sine,rnn'}}}\n")
    assert expand_multirun(["sweep=mine"], tmp_path).override_lists == [["task=sine"], ["task=rnn"]]


def test_sweeps_of_the_posts_have_their_number_of_seeds_from_one_place() -> None:
    lists = [expand_multirun([f"sweep={name}"]).override_lists for name in ("posts", "inverse", "post0")]
    (number,) = {override for runs in lists for overrides in runs for override in overrides if "seeds=" in override}
    assert {overrides.count(number) for runs in lists for overrides in runs} == {1}
    assert all(
        "seeds=[3,7]" in overrides and number not in overrides for overrides in list_runs(["seeds=[3,7]"], None)[0]
    )


def test_another_launcher_is_refused() -> None:
    text = "^hydra/launcher=basic: is not for pipelines/sweep.py; use pipelines/train.py -m; or one of processes"
    with pytest.raises(InvalidValue, match=text):
        expand_multirun(["hydra/launcher=basic", "task=sine"])


@pytest.mark.parametrize(
    ("overrides", "runs"),
    [([], 11 * 3 + 2 * 3), (["task=sine"], 3), (["model=rnn"], 11), (["sweep=post0"], 18), (["experiment=a,b"], 2)],
    ids=str,
)
def test_what_a_sweep_runs(overrides: list[str], runs: int) -> None:
    override_lists, launcher = list_runs(overrides, None)
    assert len(override_lists) == len({tuple(each) for each in override_lists}) == runs
    assert launcher.settings == {"jobs": 2, "on_interrupt": "cancel"}
