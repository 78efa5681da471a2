"""Headlines are made of outcomes and decided comparisons, and say nothing else."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from reports.members import population

from seqprobe.reports.compare_models import comparisons
from seqprobe.reports.comparison import Comparison
from seqprobe.reports.headlines import (
    Headline,
    best_headlines,
    constant_headlines,
    headlines,
    lead_headlines,
    learner_headlines,
    reversal_headlines,
    undecided_headline,
)
from seqprobe.reports.selection import current_members

PATTERNS = {"gru": 1, "rnn": 2, "lstm": 3}
"""Models' seeds differ in different ways, or all differences of a pair would be equal."""
LEVELS = {"reference/constant": 1.0} | {f"reference/probe/lag/{band}/rmse/constant": 1.0 for band in ("beyond", "far")}


def model(
    name: str, val: float, beyond: float, task: str = "sine", outcome: str = "solved", far: float | None = None
) -> pd.DataFrame:
    scores = {"val/rmse": val, "probe/lag/beyond/rmse": beyond} | ({} if far is None else {"probe/lag/far/rmse": far})
    metrics = {
        metric: [value * (1 + 0.01 * (seed * PATTERNS[name] % 5)) for seed in range(5)]
        for metric, value in scores.items()
    }
    levels = {metric: [level] * 5 for metric, level in LEVELS.items()}
    return population(name, {**metrics, **levels}, task=task, parent_id=f"{name}-{task}").assign(outcome=outcome)


def compared(*populations: pd.DataFrame) -> list[Comparison]:
    return comparisons(current_members(pd.concat(populations)))


def texts(lines: Iterable[Headline]) -> list[str]:
    return [line.text for line in lines]


def test_who_alone_learns_a_task() -> None:
    failed = {"outcome": "did not learn"}
    found = compared(
        *(model("gru", 0.01, 0.1, task) for task in ("remember", "slope")),
        *(model(name, 0.9, 0.9, task, **failed) for name in ("rnn", "lstm") for task in ("remember", "slope")),
        model("gru", 0.01, 0.1, "line"),
        model("lstm", 0.01, 0.1, "line"),
        model("rnn", 0.9, 0.9, "line", **failed),
    )
    assert texts(learner_headlines(found)) == [
        "gru is the only one that learns remember and slope.",
        "rnn does not learn line; gru and lstm do.",
    ]
    assert next(learner_headlines(found)).tasks == ["remember", "slope"]


def test_who_generalises_best() -> None:
    found = compared(model("gru", 0.1, 0.1), model("rnn", 0.1, 0.5), model("lstm", 0.1, 0.3))
    assert texts(best_headlines(found)) == ["gru generalises best outside the training range on sine."]


def test_a_model_that_is_worse_by_another_probe_does_not_generalise_best() -> None:
    """Far away, two models are better than the GRU, but neither is better than the other."""
    far = {"gru": 0.5, "rnn": 0.3, "lstm": 0.3}
    found = compared(
        *(model(name, 0.1, beyond, far=far[name]) for name, beyond in (("gru", 0.1), ("rnn", 0.5), ("lstm", 0.3)))
    )
    assert found[0].summaries["gru", "probe/lag/beyond/rmse"].mark == "best"
    assert texts(best_headlines(found)) == []


def test_the_best_of_models_without_skill_generalises_nowhere() -> None:
    found = compared(model("gru", 0.1, 0.95), model("rnn", 0.1, 3.0))
    assert texts(best_headlines(found)) == []
    below = compared(model("gru", 0.1, 1.5), model("rnn", 0.1, 3.0))
    assert texts(constant_headlines(below)) == ["Surprise: on sine no network beats a constant at lag/beyond."]


def test_better_inside_and_worse_outside() -> None:
    found = compared(model("gru", 0.01, 0.8), model("rnn", 0.1, 0.3))
    text = "Surprise: on sine gru is better than rnn inside the training range, and worse outside it (lag/beyond)."
    assert texts(reversal_headlines(found)) == [text]
    assert texts(lead_headlines(found)) == []  # one comparison each
    agreeing = compared(model("gru", 0.01, 0.3), model("rnn", 0.1, 0.8))
    assert texts(reversal_headlines(agreeing)) == []
    assert texts(lead_headlines(agreeing)) == ["gru is better than rnn in 2 of 2 decided comparisons."]


def test_the_greatest_surprise_comes_first() -> None:
    small = model("gru", 0.01, 0.4, "a"), model("rnn", 0.1, 0.3, "a")
    great = model("gru", 0.01, 0.9, "b"), model("rnn", 0.1, 0.3, "b")
    assert [line.tasks for line in reversal_headlines(compared(*small, *great))] == [["b"], ["a"]]


def test_there_are_at_most_three_of_different_kinds() -> None:
    found = compared(
        *(model("gru", 0.01, 0.3, task) for task in ("a", "b")),
        model("rnn", 0.1, 0.8, "a"),
        model("rnn", 0.9, 0.9, "b", outcome="did not learn"),
    )
    assert texts(headlines(found)) == [
        "gru generalises best outside the training range on a.",
        "rnn does not learn b; gru does.",
        "gru is better than rnn in 3 of 3 decided comparisons.",
    ]


def test_what_is_undecided_makes_no_headline() -> None:
    found = compared(model("gru", 0.1, 0.3), model("rnn", 0.1, 0.3))
    assert headlines(found) == []
    assert undecided_headline(found) == "No difference is decided with 5 seeds."
    assert undecided_headline([]) == "Nothing is compared."
