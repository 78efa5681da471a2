"""A reproduction's config: what it expands to, and what it refuses before anything is trained."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripts import run_script

from seqprobe.checks import InvalidValue
from seqprobe.commands.reproduce import expanded, pairs
from seqprobe.reports.verdict_page import PicturePair

PAIR = {"original": "post0/line.png", "run": "post0/line_xy · lstm", "artifact": "figures/fit.png", "caption": "Line"}


def test_trainings_are_all_combinations_of_their_values() -> None:
    table = {"experiment": "post2/remember", "task.lag": "10,20", "model.forget_bias": "0, 3"}
    cells = [(lag, bias) for lag in (10, 20) for bias in (0, 3)]
    assert expanded([table, {"experiment": "a"}]) == [
        *(["experiment=post2/remember", f"task.lag={lag}", f"model.forget_bias={bias}"] for lag, bias in cells),
        ["experiment=a"],
    ]


@pytest.mark.parametrize("trainings", [None, [], "post0/sine", [{}], [{"task": "sine"}], ["post0/sine"]])
def test_trainings_that_are_none_are_refused(trainings: object) -> None:
    with pytest.raises(InvalidValue, match=r"^trainings"):
        expanded(trainings)


def test_pairs_have_all_their_keys() -> None:
    assert pairs([PAIR]) == [PicturePair(**PAIR)]
    for wrong in ([{**PAIR, "more": 1}], [{"original": "x"}], {"original": "x"}, ["x"]):
        with pytest.raises(InvalidValue, match=r"^pairs"):
            pairs(wrong)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("foo=3", "foo=3: unknown key; allowed here: "),
        ("seeds=0", "seeds=0: must be an integer >= 1"),
        ("jobs=0", "jobs=0: must be an integer >= 1"),
        ("trainings=[]", "trainings=[]: must be a list of one or more multiruns"),
        ("trainings=[{experiment: post0/foo}]", "experiment=post0/foo: must be one of "),
        ("trainings=[{experiment: post0/sine, model.hidden_size: 0}]", "model.hidden_size=0: must be an integer >= 1"),
        ("originals=nowhere", "originals=nowhere: must be a folder with the posts' pictures, or null"),
        ("page=page.txt", "page=page.txt: must be the path of an .html file, or null"),
        ("again=foo", "again=foo: is no reproduction in this store"),
        ("tracking.dir=3", "tracking.dir=3: must be text"),
    ],
)
def test_a_wrong_call_costs_one_line_and_nothing_else(
    override: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = tmp_path / "store"
    places = [] if override.startswith("tracking") else [f"tracking.dir={store}"]
    assert run_script("reproduce", [*places, override]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("error: ")
    assert said in line
    assert not (store / "reproduce.html").exists()
    assert not list(store.glob("artifacts/*/*"))
