"""How far back the gradient of the loss reaches, for networks that remember a symbol."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from seqprobe import figures
from seqprobe.checks import integer
from seqprobe.probes.probe import Members, Probe, checked_list, sample_for_seeds
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.scoring import Score
from seqprobe.tasks.remember import Remember

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Gradient(Probe[Remember]):
    """The norm of the loss's gradient by the state some steps before the end, over its norm at the last step.

    Where it is far below 1, training hardly learns what happened so many steps earlier (Bengio et al., 1994). Measures
    ``kept`` after training and ``untrained`` before it, each a mean over sequences of the longest lag.

    Args:
        values: steps before the end, 1 or more.
        size: sequences to each member.
    """

    scores = (Score("kept", None), Score("untrained", None))

    needs_trace: ClassVar[bool] = True
    needs_state_gradients: ClassVar[bool] = True

    def __init__(self, values: Sequence[Any], size: int = 100) -> None:
        self.values, self.size = checked_list("values", values, integer), integer("size", size)

    def run(self, members: Members, task: Remember, seeds: Sequence[int]) -> ProbeResult:
        batch = sample_for_seeds(seeds, partial(task.pose, self.size, max(self.values)))
        scores = {}
        for name, networks in {"kept": members, "untrained": members.untrained_members()}.items():
            norms = networks.state_gradient_norms(batch).mean(1)
            scores[name] = norms[:, [-1 - steps for steps in self.values]] / norms[:, -1:]
        return ProbeResult([str(value) for value in self.values], scores, varied="steps before the end")

    def draw(self, result: ProbeResult, task: Remember, title: str) -> Figure:
        panels = {"untrained": "before training", "kept": "after training"}
        scores = {
            f"gradient norm, over the last step's: {name}": result.scores[measure] for measure, name in panels.items()
        }
        return figures.scores_by_position(
            np.array(self.values, float), "steps before the end", scores, {}, None, title, ("y",)
        )
