"""A study's trials: the same for the same seed, kept in a journal, and better than trials at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log10
from pathlib import Path

import numpy as np
import pytest

from seqprobe.config.search_space import parse_space
from seqprobe.failure import JobFailed
from seqprobe.run.halving import Rung, plan_rungs, surviving_counts, surviving_trials
from seqprobe.run.study import Trial, TuningStudy, Values, best_trial, locked_study

SPACE = parse_space({"optimizer.lr": [1e-4, 1, "log"], "model.forget_bias": [0, 3]})
INFINITE = float("inf")
BATCH, TRIALS, REDUCTION = 10, 30, 3
Evaluate = Callable[[Values, Rung], float]


def study(folder: Path, seed: int = 0, notices: list[str] | None = None) -> TuningStudy:
    return TuningStudy(folder / "x.journal", SPACE, seed, BATCH, ([] if notices is None else notices).append)


def search(tuned: TuningStudy, evaluate: Evaluate, rungs: Sequence[Rung], trials: int = TRIALS) -> list[Trial]:
    """Every batch's trials, pruned on the way."""
    for first in range(len(tuned.trials), trials, BATCH):
        suggested = tuned.suggest(first, first + BATCH)
        losses: list[list[float]] = [[] for _ in suggested]
        running = list(range(len(suggested)))
        for rung in rungs:
            for place in running:
                losses[place].append(evaluate(suggested[place], rung))
            running = [
                running[place] for place in surviving_trials([losses[place][-1] for place in running], REDUCTION)
            ]
        for values, of_trial in zip(suggested, losses, strict=True):
            tuned.record(Trial(values, of_trial, len(of_trial) == len(rungs)))
    return tuned.trials


def noisy_bowl(seed: int) -> Evaluate:
    """A loss with its minimum at a learning rate of 0.01 and a bias of 2; fewer updates give larger losses.

    Above a learning rate of 0.3 trainings diverge.
    """
    source = np.random.default_rng(seed)

    def evaluate(values: Values, rung: Rung) -> float:
        rate, bias = values["optimizer.lr"], values["model.forget_bias"]
        noise = np.median(source.normal(0, 0.1, len(rung.seeds)))
        level = log10(rate / 0.01) ** 2 + (bias - 2) ** 2 + 400 / rung.updates
        return INFINITE if rate > 0.3 else float(level + noise)

    return evaluate


def test_the_same_seed_gives_the_same_trials_however_often_it_stops(tmp_path: Path) -> None:
    rungs = plan_rungs([0, 1, 2], 800, [0.25, 0.5])
    whole = search(study(tmp_path / "whole"), noisy_bowl(1), rungs, 20)
    first = study(tmp_path / "parts")
    evaluate = noisy_bowl(1)
    search(first, evaluate, rungs, 10)
    assert study(tmp_path / "parts").suggest(10, 20) == [trial.values for trial in whole[10:]]
    assert search(study(tmp_path / "parts"), evaluate, rungs, 20) == whole
    assert study(tmp_path / "other", seed=1).suggest(0, 2) != [trial.values for trial in whole[:2]]
    assert [trial.is_complete for trial in whole].count(True) == 4


def test_trials_of_all_kinds_are_kept(tmp_path: Path) -> None:
    trials = [
        Trial({"optimizer.lr": 0.9, "model.forget_bias": 1.0}, [INFINITE], False),
        Trial({"optimizer.lr": 0.01, "model.forget_bias": 2.0}, [3.0, 0.5], True),
        Trial({"optimizer.lr": 0.02, "model.forget_bias": 0.0}, [3.0, INFINITE], True),
        Trial({"optimizer.lr": 0.03, "model.forget_bias": 0.0}, [2.0, 0.5], True),
    ]
    for trial in trials:
        study(tmp_path).record(trial)
    assert study(tmp_path).trials == trials
    assert best_trial(trials) == trials[1]
    assert best_trial([trials[0], trials[2]]) is None


def test_a_line_that_a_kill_cut_off_is_dropped_and_a_damaged_journal_set_aside(tmp_path: Path) -> None:
    notices: list[str] = []
    kept = Trial({"optimizer.lr": 0.01, "model.forget_bias": 2.0}, [0.5], True)
    study(tmp_path).record(kept)
    journal = tmp_path / "x.journal"
    journal.write_bytes(journal.read_bytes() + b'{"op_code": 4, "wor')
    study(tmp_path, notices=notices).record(kept)
    assert study(tmp_path, notices=notices).trials == [kept, kept]
    assert notices == []
    journal.write_bytes(b"no journal\n" + journal.read_bytes())
    assert study(tmp_path, notices=notices).trials == []
    assert notices == [
        f"{journal} cannot be read (JSONDecodeError): renamed to x.journal.damaged; finished runs are not repeated"
    ]


def test_one_process_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "x.journal"
    with (
        locked_study(path),
        pytest.raises(JobFailed, match=r"another process is running this tuning \(x.journal\)"),
        locked_study(path),
    ):
        pass
    (tmp_path / "x.journal.lock").symlink_to("nowhere")  # as a process that was killed leaves it
    with locked_study(path):
        assert study(tmp_path).trials == []


@pytest.mark.slow
def test_a_known_optimum_is_found_more_often_than_at_random_for_the_same_cost(tmp_path: Path) -> None:
    rungs = plan_rungs([0, 1, 2], 800, [0.25, 0.5])
    counts = surviving_counts(TRIALS, BATCH, len(rungs), REDUCTION)
    affordable = sum(count * rung.cost for count, rung in zip(counts, rungs, strict=True)) // rungs[-1].cost
    tuned, drawn = [], []
    for seed in range(20):
        trials = search(study(tmp_path / str(seed), seed), noisy_bowl(seed), rungs)
        tuned.append(best_trial(trials))
        evaluate, random = noisy_bowl(100 + seed), np.random.default_rng(seed)
        settings = [
            {"optimizer.lr": 10 ** random.uniform(-4, 0), "model.forget_bias": random.uniform(0, 3)}
            for _ in range(affordable)
        ]
        drawn.append(best_trial([Trial(values, [evaluate(values, rungs[-1])], True) for values in settings]))
    shares = [np.mean([is_near(trial) for trial in found]) for found in (tuned, drawn)]
    print(shares, affordable)
    assert shares[0] >= 0.8
    assert shares[0] > shares[1] + 0.2


def is_near(trial: Trial | None) -> bool:
    """Whether a trial's learning rate is within a factor of 3 of the best one, and its bias within 0.6."""
    assert trial is not None
    return 1 / 3 <= trial.values["optimizer.lr"] / 0.01 <= 3 and abs(trial.values["model.forget_bias"] - 2) <= 0.6
