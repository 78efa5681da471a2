"""Longer sequences and rarer coins for a network that works the turnstile, and what its states stand for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
import torch

from seqprobe import figures
from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue, choice, integer, number
from seqprobe.probes.bands import variation
from seqprobe.probes.probe import Members, Probe, checked_list, sample_for_seeds
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.scoring import ACCURACY, Score
from seqprobe.tasks.turnstile import ANSWERS, COIN, PUSH, STATES, Turnstile, operate

if TYPE_CHECKING:
    from matplotlib.figure import Figure


WAIT = ANSWERS.index("WAIT")
VARIED = {"length": "length (steps)", "coin_probability": "coin probability"}
"""The quantities that may vary, with their units."""


def trained_interval(task: Turnstile, varied: str) -> tuple[float, float]:
    """The interval of ``varied`` that training covered."""
    return {"length": (float(task.max_length),) * 2, "coin_probability": task.coin_probability}[varied]


class TurnstileProbe(Probe[Turnstile]):
    """Random sequences of another length, or with another share of coins.

    Measures ``accuracy`` (of all answers) and ``sequences`` (share without any wrong answer). Their constant predictor
    always answers WAIT.

    Args:
        vary: ``length`` or ``coin_probability``.
        values: its values.
        steps: of every value and member, in as many sequences (two at least) as they make.
    """

    scores = (ACCURACY, Score("sequences", "higher"))

    DURING_STEPS, DURING_LENGTH = 4_000, 2_000

    def __init__(self, vary: str, values: Sequence[Any], steps: int = 40_000) -> None:
        self.vary = choice("vary", vary, VARIED)
        self.values = checked_list("values", values, integer if vary == "length" else number)
        if vary == "coin_probability" and not 0 <= min(self.values) <= max(self.values) <= 1:
            raise InvalidValue("values", values, "a probability must be in [0, 1]")
        self.steps = integer("steps", steps)

    def batch(self, task: Turnstile, value: float, source: torch.Generator) -> Batch:
        """One member's sequences for one value."""
        if self.vary == "length":
            length = int(value)
            return task.pose(max(2, self.steps // length), length, task.coin_probability, source)
        return task.pose(max(2, self.steps // task.max_length), task.max_length, (value, value), source)

    def run(self, members: Members, task: Turnstile, seeds: Sequence[int]) -> ProbeResult:
        names = ("accuracy", "sequences")
        scores, waiting = ({name: np.empty((len(seeds), len(self.values))) for name in names} for _ in range(2))
        for column, value in enumerate(self.values):
            batch = sample_for_seeds(seeds, partial(self.batch, task, value))
            logits, targets = members.predict(batch), batch.targets.numpy()
            answered = np.where(np.isfinite(logits).all(-1), logits.argmax(-1) == targets, np.nan)
            for measured, correct in ((scores, answered), (waiting, targets == WAIT)):
                measured["accuracy"][:, column] = correct.mean((1, 2))
                measured["sequences"][:, column] = correct.min(2).mean(1)
        return ProbeResult(
            [str(value) for value in self.values],
            scores,
            levels={name: {"constant": values} for name, values in waiting.items()},
            **variation(VARIED[self.vary], self.values, trained_interval(task, self.vary), self.reach),
        )

    def during_training(self) -> Probe[Turnstile] | None:
        """Fewer sequences, and none of the longest."""
        values = [value for value in self.values if self.vary != "length" or value <= self.DURING_LENGTH]
        return TurnstileProbe(self.vary, values, min(self.steps, self.DURING_STEPS)) if values else None

    def draw(self, result: ProbeResult, task: Turnstile, title: str) -> Figure:
        of_length = self.vary == "length"
        panels = {"accuracy of all answers": "accuracy", "sequences without a wrong answer": "sequences"}
        return figures.scores_by_position(
            np.array(self.values, dtype=float),
            "steps in a sequence" if of_length else "probability of a coin",
            {name: result.scores[metric] for name, metric in panels.items()},
            {name: result.labelled_levels(metric) for name, metric in panels.items()},
            trained_interval(task, self.vary),
            title,
            ("x",) if of_length else (),
        )


class States(Probe[Turnstile]):
    """Whether the machine's true state can be read from the hidden state, in trained and in untrained networks.

    Measures ``readable``: the share of steps whose true state a logistic regression predicts correctly, on sequences
    that it was not fitted to.
    """

    scores = (Score("readable", "higher"),)

    needs_trace: ClassVar[bool] = True
    libraries: ClassVar[tuple[str, ...]] = ("sklearn.linear_model",)
    LENGTH, SEQUENCES, SHOWN = 50, 60, 1_000

    def run(self, members: Members, task: Turnstile, seeds: Sequence[int]) -> ProbeResult:
        batch = sample_for_seeds(seeds, partial(task.pose, self.SEQUENCES, self.LENGTH, task.coin_probability))
        states = torch.stack([operate(single.inputs.argmax(-1))[1] for single in batch.unbind()]).numpy()
        networks = {"trained": members, "untrained": members.untrained_members()}
        hidden = {name: last_layer(network.trace(batch), "hidden") for name, network in networks.items()}
        readable = [[readable_share(*pair) for pair in zip(units, states, strict=True)] for units in hidden.values()]
        flat = hidden["trained"].reshape(len(seeds), -1, hidden["trained"].shape[-1])[:, : self.SHOWN]
        arrays = {"hidden": flat, "states": states.reshape(len(seeds), -1)[:, : self.SHOWN]}
        columns = {"seed": np.repeat(seeds, flat.shape[1]), "state": np.array(STATES)[arrays["states"].ravel()]}
        columns |= {f"unit {unit}": flat[..., unit].ravel() for unit in range(flat.shape[-1])}
        return ProbeResult(list(networks), {"readable": np.array(readable).T}, arrays, pd.DataFrame(columns))

    def draw(self, result: ProbeResult, task: Turnstile, title: str) -> Figure:
        readable = result.scores["readable"]
        return figures.hidden_states(result.arrays["hidden"], result.arrays["states"], STATES, readable, title)


class Counting(Probe[Turnstile]):
    """Whether the first two hidden units hold exactly how many coins and how many pushes there were.

    Measures ``coins`` and ``pushes``: the share of steps at which the unit equals the count; and ``passages``: the
    share at which the second unit equals how often someone walked through, which is less than the pushes.
    """

    scores = (Score("coins", "higher"), Score("pushes", "higher"), Score("passages", "higher"))

    needs_trace: ClassVar[bool] = True

    def __init__(self, values: Sequence[Any], steps: int = 40_000) -> None:
        self.values, self.steps = checked_list("values", values, integer), integer("steps", steps)

    def run(self, members: Members, task: Turnstile, seeds: Sequence[int]) -> ProbeResult:
        exact = {name: np.empty((len(seeds), len(self.values))) for name in ("coins", "pushes", "passages")}
        for column, length in enumerate(self.values):
            size = max(2, self.steps // length)
            batch = sample_for_seeds(seeds, partial(task.pose, size, length, task.coin_probability))
            hidden = last_layer(members.trace(batch), "hidden")
            counts, passages = batch.inputs.cumsum(2).numpy(), batch.targets.cumsum(2).numpy()
            expected = {
                "coins": (COIN, counts[..., COIN]),
                "pushes": (PUSH, counts[..., PUSH]),
                "passages": (PUSH, passages),
            }
            for name, (unit, count) in expected.items():
                equal = np.where(np.isfinite(hidden[..., unit]), hidden[..., unit] == count, np.nan)
                exact[name][:, column] = equal.mean((1, 2))
        lengths = variation(VARIED["length"], self.values, trained_interval(task, "length"), self.reach)
        return ProbeResult([str(value) for value in self.values], exact, **lengths)

    def draw(self, result: ProbeResult, task: Turnstile, title: str) -> Figure:
        panels = {
            "unit 1 equals the coins": "coins",
            "unit 2 equals the pushes": "pushes",
            "unit 2 equals the passages": "passages",
        }
        scores = {f"share of steps: {name}": result.scores[metric] for name, metric in panels.items()}
        return figures.scores_by_position(
            np.array(self.values, float), "steps in a sequence", scores, {}, None, title, ("x",)
        )


def last_layer(trace: dict[str, np.ndarray], name: str) -> np.ndarray:
    """The values that `trace` returns for ``name`` in the last layer."""
    return next(values for key, values in reversed(trace.items()) if key.endswith(f".{name}"))


def readable_share(hidden: np.ndarray, states: np.ndarray) -> float:
    """Share of steps whose state a logistic regression predicts from the hidden units.

    It is fitted to the first half of the sequences and scored on the second.

    Args:
        hidden: ``(n, time, units)``; NaN in it gives NaN.
        states: ``(n, time)``.
    """
    from sklearn.linear_model import LogisticRegression

    if not np.isfinite(hidden).all():
        return float("nan")
    half = len(hidden) // 2
    fitted = LogisticRegression(max_iter=2_000).fit(hidden[:half].reshape(-1, hidden.shape[-1]), states[:half].ravel())
    return float(fitted.score(hidden[half:].reshape(-1, hidden.shape[-1]), states[half:].ravel()))
