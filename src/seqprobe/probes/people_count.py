"""Look inside a network that continues sentences: whether its state holds how many people a sentence has named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from seqprobe import figures
from seqprobe.batch import Batch
from seqprobe.checks import integer
from seqprobe.probes.concepts import layer_states
from seqprobe.probes.probe import Members, Probe, sample_for_seeds
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.probes.ridge import fit_ridge
from seqprobe.scoring import Score
from seqprobe.tasks.grammar import INDEX, PEOPLE, POST_SENTENCE
from seqprobe.tasks.sentence import Sentence, encode_sentences

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class PeopleCount(Probe[Sentence]):
    """How well a linear probe reads the number of people named so far from the state, at all words of new sentences.

    Measures ``explained``: the share of the number's variance that a ridge regression explains (R squared) in
    sentences that it was not fitted to; in trained networks and, since much can be read from a random network's state,
    in the same networks before training.

    Args:
        size: sentences for each member; a third of them scores the regression that the others were fitted to.
    """

    scores = (Score("explained", None),)

    needs_trace: ClassVar[bool] = True

    def __init__(self, size: int = 600) -> None:
        self.size = integer("size", size, minimum=30)

    def run(self, members: Members, task: Sentence, seeds: Sequence[int]) -> ProbeResult:
        batch = sample_for_seeds(seeds, lambda source: encode_sentences(task.write(self.size, source), task.max_length))
        shown = encode_sentences([POST_SENTENCE.split()])
        explained, read = [], []
        for networks in (members, members.untrained_members()):
            states, shown_states = layer_states(networks.trace(batch)), layer_states(networks.trace(shown))
            pairs = zip(states, batch.unbind(), shown_states[:, 0], strict=True)
            fits = [regress(values, people_so_far(single), single.mask.numpy(), one) for values, single, one in pairs]
            explained.append([share for share, _ in fits])
            read.append(np.stack([numbers for _, numbers in fits]))
        arrays = {"read": read[0], "truth": people_so_far(shown)[0].astype(float)}
        return ProbeResult(["trained", "untrained"], {"explained": np.array(explained).T}, arrays, shared=["truth"])

    def draw(self, result: ProbeResult, task: Sentence, title: str) -> Figure:
        label = "people, as a linear probe reads them"
        return figures.scores_by_position(
            np.arange(1.0, len(result.arrays["truth"]) + 1),
            f"word of “{POST_SENTENCE}”",
            {label: result.arrays["read"]},
            {label: {"people named so far": result.arrays["truth"]}},
            None,
            title,
        )


def people_so_far(batch: Batch) -> np.ndarray:
    """How many people each sentence has named up to each word, ``(n, time)``."""
    names = [INDEX[person] for person in PEOPLE]
    return np.asarray(batch.inputs[..., names].sum(-1).cumsum(-1).numpy())


def regress(
    states: np.ndarray, numbers: np.ndarray, counted: np.ndarray, shown: np.ndarray
) -> tuple[float, np.ndarray]:
    """A ridge regression of one member's states on a number, fitted to two thirds of the sequences.

    Args:
        states: ``(n, time, units)``; NaN in them gives NaN.
        numbers: ``(n, time)``.
        counted: ``(n, time)`` booleans.
        shown: ``(time, units)`` states of another sequence.

    Returns:
        The share of the number's variance explained in the last third, and what is read from ``shown``, ``(time,)``.
    """
    if not np.isfinite(states).all():
        return np.nan, np.full(len(shown), np.nan)
    fitted = np.arange(len(states)) < 2 * len(states) // 3
    inside, outside = counted & fitted[:, None], counted & ~fitted[:, None]
    model = fit_ridge(states[inside], numbers[inside, None])
    errors = numbers[outside] - model.predict(states[outside])[:, 0]
    explained = 1 - (errors**2).sum() / ((numbers[outside] - numbers[outside].mean()) ** 2).sum()
    return float(explained), model.predict(shown)[:, 0]
