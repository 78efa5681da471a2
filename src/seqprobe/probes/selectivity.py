"""Whether the hidden units of a network that works the turnstile are clean flags for its states, or a mixture."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import torch

from seqprobe import figures
from seqprobe.probes.probe import Members, Probe, sample_for_seeds
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.probes.turnstile_probes import last_layer
from seqprobe.scoring import Score
from seqprobe.tasks.turnstile import Turnstile, operate

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Selectivity(Probe[Turnstile]):
    """How messy the code is in which hidden units hold the machine's state, in trained and untrained networks.

    Measures ``mixed``, the share of units with mixed selectivity: a clean flag has one mean in one state of the
    machine and another in the other two, a mixed unit a third one in between (more than a tenth of the way from
    either). And ``within``, the share of the hidden state's variance that differs between steps of the same state:
    0 where every state has one hidden vector.
    """

    scores = (Score("mixed", None), Score("within", None))

    needs_trace: ClassVar[bool] = True
    LENGTH, SEQUENCES = 50, 60
    CLEAN = 0.1

    def run(self, members: Members, task: Turnstile, seeds: Sequence[int]) -> ProbeResult:
        batch = sample_for_seeds(seeds, partial(task.pose, self.SEQUENCES, self.LENGTH, task.coin_probability))
        states = torch.stack([operate(single.inputs.argmax(-1))[1] for single in batch.unbind()]).numpy()
        networks = {"trained": members, "untrained": members.untrained_members()}
        measured = np.array(
            [
                [code_measures(*pair, self.CLEAN) for pair in zip(last_layer(trace, "hidden"), states, strict=True)]
                for trace in (network.trace(batch) for network in networks.values())
            ]
        )
        return ProbeResult(list(networks), {"mixed": measured[..., 0].T, "within": measured[..., 1].T})

    def draw(self, result: ProbeResult, task: Turnstile, title: str) -> Figure:
        panels = {"mixed": "units with mixed selectivity, share", "within": "variance within states, share"}
        scores = {label: result.scores[measure] for measure, label in panels.items()}
        return figures.scores_by_label(result.labels, scores, {}, title)


def code_measures(hidden: np.ndarray, states: np.ndarray, clean: float) -> tuple[float, float]:
    """The share of mixed units, and the share of variance within states.

    Args:
        hidden: ``(n, time, units)``; NaN in it gives NaN.
        states: ``(n, time)``, three kinds.
        clean: how near to either end the middle mean may be, as a share of the way, for a unit to be a flag.
    """
    if not np.isfinite(hidden).all():
        return np.nan, np.nan
    groups = [hidden[states == state] for state in np.unique(states)]
    low, middle, high = np.sort([group.mean(0) for group in groups], axis=0)
    way = (middle - low) / np.maximum(high - low, 1e-12)
    total = ((hidden.reshape(-1, hidden.shape[-1]) - hidden.mean((0, 1))) ** 2).sum()
    inside = sum(((group - group.mean(0)) ** 2).sum() for group in groups)
    return float(((way > clean) & (way < 1 - clean)).mean()), float(inside / total)
