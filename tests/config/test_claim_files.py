"""Every file of claims and pictures is loaded, and a wrong one is refused with the key that is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scripts import ROOT

from seqprobe.checks import InvalidValue
from seqprobe.config.claim_files import chosen_claims, load_claims
from seqprobe.config.picture_files import load_pictures
from seqprobe.reports.claims import Claim, FigureSource

CONF = ROOT / "conf"
CLAIMS = load_claims([CONF])
PICTURES = load_pictures([CONF])
VALID = """
post: 0
says: It is learned.
place: Sine
kind: ours
runs: {sine: experiment=post0/sine}
quantity: RMSE
measure: {name: final, metric: val/rmse}
high: 0.02
why: Arbitrary.
figure: figures/fit.png
"""


def write(folder: Path, name: str, text: str, group: str = "claim") -> Path:
    path = folder / group / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return folder


def test_claims_are_in_the_order_of_their_files_and_none_is_there_twice() -> None:
    assert [sum(claim.post == post for claim in CLAIMS) for post in range(3)] == [29, 24, 39]
    assert len({(claim.says, claim.parts[0].quantity) for claim in CLAIMS}) == len(CLAIMS)
    assert [claim.name for claim in CLAIMS][:2] == [
        "post0/line_and_hill/one_layer_fits_the_line",
        "post0/line_and_hill/one_layer_misses_the_hill",
    ]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_a_claims_texts_are_sentences_and_its_place_is_known(claim: Claim) -> None:
    assert claim.says.endswith(".")
    assert all(part.why.endswith(".") for part in claim.parts)
    assert len({part.says for part in claim.parts}) == len(claim.parts)
    pictures = [part for part in claim.place.split(", ") if part.endswith((".png", ".gif"))]
    originals = {pair.original for pair in PICTURES}
    assert {f"post{claim.post}/{picture}" for picture in pictures} <= originals


def test_every_picture_of_the_posts_has_one_of_ours() -> None:
    originals = [pair.original for pair in PICTURES]
    assert len(set(originals)) == len(originals) == 36
    runs = {run for claim in CLAIMS for run in claim.runs.values()}
    assert {pair.ours.run for pair in PICTURES} <= {"", *runs}


def test_a_file_is_one_claim_or_shares_its_keys_with_several(tmp_path: Path) -> None:
    write(tmp_path, "alone", VALID)
    several = f"{VALID}claims:\n  first: {{}}\n  second:\n    says: Another.\n    low: 0\n    high: null\n"
    write(tmp_path, "mine/02_several", several)
    alone, first, second = sorted(load_claims([tmp_path]), key=lambda claim: claim.name)
    assert [claim.name for claim in (alone, first, second)] == ["alone", "mine/several/first", "mine/several/second"]
    assert (alone.runs, alone.figure) == (
        {"sine": "experiment=post0/sine"},
        FigureSource("experiment=post0/sine", "figures/fit.png"),
    )
    assert (first.says, first.parts[0].low, first.parts[0].high) == ("It is learned.", -np.inf, 0.02)
    assert (second.says, second.parts[0].low, second.parts[0].high) == ("Another.", 0, np.inf)


def test_parts_take_from_their_claim_what_they_do_not_state(tmp_path: Path) -> None:
    parts = "parts:\n  is fast: {low: 0, more: '{}x', why: So.}\n  is small: {quantity: MSE, high: null, low: 3}\n"
    (claim,) = load_claims([write(tmp_path, "mine", VALID + parts)])
    fast, small = claim.parts
    assert (fast.says, fast.quantity, fast.low, fast.high, fast.more, fast.why) == (
        "is fast",
        "RMSE",
        0,
        0.02,
        "{}x",
        "So.",
    )
    assert (small.says, small.quantity, small.low, small.high, small.more, small.why) == (
        "is small",
        "MSE",
        3,
        np.inf,
        "",
        "Arbitrary.",
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("posts: 0", "claim/mine.posts=0: unknown key; allowed here: post, says, place, kind, "),
        ("why: null", "claim/mine.why=null: is missing"),
        ("post: one", "claim/mine.post=one: must be an integer >= 0"),
        ("kind: theirs", "claim/mine.kind=theirs: must be one of post, control, ours"),
        ("high: much", "claim/mine.high=much: must be a finite number"),
        ("high: null", "claim/mine.low=null: is missing, and so is high"),
        ("more: faster", "claim/mine.more=faster: must have {} once, for a number above high"),
        ("parts: {a: {low: 0}}", "claim/mine.parts={…}: must be two or more parts of the sentence"),
        ("parts: [a, b]", "claim/mine.parts=[a,b]: must be two or more parts of the sentence"),
        ("parts: {a: {says: x}, b: {}}", "claim/mine.parts.a.says=x: unknown key; allowed here: quantity, measure, "),
        ("parts: {a: {}, b: {high: x}}", "claim/mine.parts.b.high=x: must be a finite number"),
        ("low: 3", "claim/mine.low=3.0: must be <= high, which is 0.02"),
        ("runs: experiment=post0/sine", "claim/mine.runs=experiment=post0/sine: must be labels with the overrides"),
        ("runs: {sine: post0/sine}", "claim/mine.runs.sine=post0/sine: must be overrides, such as experiment="),
        ("measure: final", "claim/mine.measure=final: must have a name (final, distance, "),
        ("measure: {name: median}", "claim/mine.measure.name=median: must be one of final, distance, "),
        (
            "measure: {name: final, metrik: val/rmse}",
            "claim/mine.measure.metrik=val/rmse: unknown key; allowed here: metric",
        ),
        ("measure: {name: final}", "claim/mine.measure="),
        (
            "measure: {name: final, metric: rmse}",
            "claim/mine.measure.metric=rmse: must be a metric's name, which begins",
        ),
        ("measure: {name: diverged, run: line}", "claim/mine.measure.run=line: must be one of the claim's runs: sine"),
        ("measure: {_target_: os.getcwd}", "claim/mine.measure._target_=os.getcwd: is code outside seqprobe"),
        ("measure: {_target_: nowhere.Mine}", "claim/mine.measure._target_=nowhere.Mine: cannot be imported"),
        (
            "measure: {_target_: seqprobe.tasks.Task}",
            "claim/mine.measure._target_=seqprobe.tasks.Task: is code outside seqprobe.reports.claims",
        ),
        ("figure: {drawing: fit}", "claim/mine.figure.drawing=fit: must be one of equations, "),
        ("figure: {run: line, artifact: x.png}", "claim/mine.figure.run=line: must be one of sine"),
        ("figure: [x.png]", "claim/mine.figure=[x.png]: must be an artifact of the first run"),
    ],
)
def test_a_wrong_claim_is_refused_with_its_key(line: str, message: str, tmp_path: Path) -> None:
    key = line.partition(":")[0]
    rest = "\n".join(old for old in VALID.strip().splitlines() if not old.startswith(f"{key}:"))
    write(tmp_path, "mine", f"{rest}\n{line}\n")
    with pytest.raises(InvalidValue) as refused:
        load_claims([tmp_path])
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- 3", "claim/mine=[3]: must hold a claim's keys, or several claims under claims"),
        ("claims: {a: 3}", "claim/mine/a=3: must hold a claim's keys"),
        ("a: [", "claim/mine=mine.yaml: cannot be read: "),
    ],
)
def test_a_file_that_is_no_claim_is_refused(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue) as refused:
        load_claims([write(tmp_path, "mine", text)])
    assert str(refused.value).startswith(message)


def test_a_name_that_exists_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a", "mine", VALID)
    write(tmp_path / "b", "1_mine", VALID)
    with pytest.raises(InvalidValue, match=r"claim/mine=.*: exists twice; give yours another name"):
        load_claims([tmp_path / "a", tmp_path / "b"])


def test_claims_are_chosen_by_name_and_post() -> None:
    assert len(chosen_claims(CLAIMS, ["*"], None)) == len(CLAIMS)
    assert {claim.post for claim in chosen_claims(CLAIMS, ["*"], 1)} == {1}
    sine = [claim.name for claim in chosen_claims(CLAIMS, ["post0/sine/*", "post2/counter/first*"], None)]
    assert len(sine) == 7
    assert sine[-1] == "post2/counter/first_component_counts_coins"
    assert chosen_claims(CLAIMS, "post0/sine/sine_is_learned", 0)[0].name == "post0/sine/sine_is_learned"


@pytest.mark.parametrize(
    ("patterns", "post", "message"),
    [
        (["post0/sin/*"], None, "claims=post0/sin/*: matches none of the claims in post0/line_and_hill, post0/sine, "),
        (["post0/*"], 1, "claims=post0/*: matches none of the claims in post1/parameters, "),
        (["*"], 3, "post=3: must be one of 0, 1, 2, or null"),
        (None, None, "claims=null: must be a list of one or more names of claims"),
        ([], None, "claims=[]: must be a list of one or more names of claims"),
        ([3], None, "claims=[3]: must be a list of one or more names of claims"),
    ],
)
def test_a_choice_that_matches_nothing_is_refused(patterns: object, post: object, message: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        chosen_claims(CLAIMS, patterns, post)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "picture/mine={…}: must be a list of pictures"),
        ("[x]", "picture/mine[0].picture=x: must have original, caption, and run with artifact, or drawing"),
        ("[{original: a.png, caption: A, more: 1}]", "picture/mine[0].more=1: unknown key"),
        ("[{original: a.png, drawing: lstm}]", "picture/mine[0].caption=null: must be text"),
        ("[{original: a.png, caption: A, run: experiment=a}]", "picture/mine[0].figure={…}: must be an artifact"),
        ("[{original: a.png, caption: A, drawing: fit}]", "picture/mine[0].figure.drawing=fit: must be one of"),
    ],
)
def test_a_wrong_picture_is_refused(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue) as refused:
        load_pictures([write(tmp_path, "mine", text, "picture")])
    assert str(refused.value).startswith(message)


def test_a_measure_from_anywhere_takes_trust(tmp_path: Path) -> None:
    text = VALID.replace("measure: ", "measure: {_target_: fractions.Fraction, numerator: 1}  # ")
    with pytest.raises(InvalidValue, match="is code outside seqprobe"):
        load_claims([write(tmp_path, "mine", text)])
    with pytest.raises(InvalidValue, match="must be a seqprobe Measure"):  # it was called
        load_claims([tmp_path], trust=True)
