"""Names of runs say what was overridden, briefly."""

from __future__ import annotations

import pytest

from seqprobe.reports.variant_names import LONGEST, short_overrides
from seqprobe.run.run_description import run_label


@pytest.mark.parametrize(
    ("overrides", "short"),
    [
        ("", ""),
        ("task.lag=20 model.forget_bias=3", "lag=20, forget_bias=3"),
        ("optimizer=sgd optimizer.lr=0.1", "optimizer=sgd, lr=0.1"),
        ("~task.probes.map trainer.max_steps=9 trainer.log_every=3 +probe@task.probes.x=amplitude", "max_steps=9"),
        (
            "task.a.values=[1, 2] task.b.values=[3]",
            "task.a.values=[1, 2], task.b.values=[3]",
        ),
    ],
)
def test_the_last_part_of_a_key_is_enough_where_no_other_has_it(overrides: str, short: str) -> None:
    assert short_overrides(overrides) == short


def test_what_is_too_long_is_cut_off() -> None:
    short = short_overrides(f"task.name={'x' * 300}")
    assert (len(short), short[:8], short[-2:]) == (LONGEST, "name=xxx", "x…")


def test_a_name_has_what_is_not_a_default() -> None:
    names = {"task": "remember", "model": "lstm", "preset": "post2/remember", "overrides": "task.lag=20"}
    assert run_label(names) == "lstm · post2/remember · lag=20"
    assert run_label({**names, "preset": None, "overrides": None}) == "lstm"
