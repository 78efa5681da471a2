"""The next words that a network expects, also after words that it never saw together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from seqprobe import figures
from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue, choice, integer
from seqprobe.probes.probe import Members, Probe, by_member, sample_for_seeds
from seqprobe.probes.probe_result import ProbeResult
from seqprobe.scoring import ACCURACY, LOSS, Score
from seqprobe.tasks.grammar import INDEX, following
from seqprobe.tasks.sentence import Sentence, encode_sentences

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class NextWord(Probe[Sentence]):
    """How probable the network thinks some next words: ``probability``, whose floor is the grammar's own.

    Args:
        questions: a name for each, and under it ``after``, the beginning of a sentence, and ``words``, whose
            probabilities are summed.
    """

    scores = (Score("probability", None),)

    def __init__(self, questions: Mapping[str, Any]) -> None:
        if not isinstance(questions, Mapping) or not questions:
            raise InvalidValue("questions", questions, "must be names with {after, words} each")
        for name, question in questions.items():
            if not isinstance(question, Mapping) or set(question) != {"after", "words"}:
                raise InvalidValue(f"questions.{name}", question, "must have after and words")
            if isinstance(question["words"], str):
                raise InvalidValue(f"questions.{name}.words", question["words"], "must be a list of words")
            for word in [*str(question["after"]).split(), *question["words"]]:
                choice(f"questions.{name}", word, INDEX)
            following(str(question["after"]).split())
        self.questions = {str(name): question for name, question in questions.items()}

    def run(self, members: Members, task: Sentence, seeds: Sequence[int]) -> ProbeResult:
        starts = [question["after"].split() for question in self.questions.values()]
        batch = encode_sentences([[*words, "."] for words in starts])  # the last word is not fed
        logits = members.predict(batch)
        predicted, ideal = np.empty((len(seeds), len(starts))), np.empty((len(seeds), len(starts)))
        for column, (words, question) in enumerate(zip(starts, self.questions.values(), strict=True)):
            probabilities = figures.probabilities(logits[:, column, len(words) - 1])
            predicted[:, column] = probabilities[:, [INDEX[word] for word in question["words"]]].sum(1)
            true = following(words)
            ideal[:, column] = sum(true.get(word, 0.0) for word in question["words"])
        return ProbeResult(list(self.questions), {"probability": predicted}, levels={"probability": {"floor": ideal}})

    def draw(self, result: ProbeResult, task: Sentence, title: str) -> Figure:
        texts = [f"{question['after']} … {' / '.join(question['words'])}" for question in self.questions.values()]
        return figures.beliefs(texts, result.scores["probability"], result.level("probability", "floor"), title)


class HeldOut(Probe[Sentence]):
    """Sentences like those of training, and those that it never saw: ``loss`` and ``accuracy``, with their floors.

    The held-out country, person and verb were all seen, but never together. Only words after the verb count: up to
    there held-out sentences are all the same, and the words before determine none of them.
    """

    scores = (ACCURACY, LOSS)

    VERB = 3
    """The step whose target is the verb."""
    DURING_SIZE = 60

    def __init__(self, size: int = 300) -> None:
        self.size = integer("size", size)

    def run(self, members: Members, task: Sentence, seeds: Sequence[int]) -> ProbeResult:
        scores, floors = _nothing(), _nothing()
        for held_out in (False, True):
            batch = sample_for_seeds(seeds, partial(self._batch, task, held_out))
            counted, targets = batch.mask.numpy(), batch.targets.numpy()
            counted[..., : self.VERB + 1] = False
            ideal = np.stack(by_member(seeds, partial(self._ideal, task, seeds, batch, held_out)))
            predicted = figures.probabilities(members.predict(batch))
            correct = predicted.argmax(-1) == targets
            for measured, probabilities, right in ((scores, predicted, correct), (floors, ideal, ideal.max(-1))):
                true = np.take_along_axis(probabilities, targets[..., None], -1)[..., 0]
                measured["loss"].append(_mean(-np.log(np.where(counted, true, 1)), counted))
                known = np.where(np.isfinite(true), right, np.nan)
                measured["accuracy"].append(_mean(np.where(counted, known, 0), counted))
        return ProbeResult(
            ["seen", "held_out"],
            {name: np.stack(values, 1) for name, values in scores.items()},
            levels={name: {"floor": np.stack(values, 1)} for name, values in floors.items()},
        )

    def during_training(self) -> HeldOut:
        """Fewer sentences."""
        return HeldOut(min(self.size, self.DURING_SIZE))

    def draw(self, result: ProbeResult, task: Sentence, title: str) -> Figure:
        panels = {"cross-entropy in nats": "loss", "accuracy": "accuracy"}
        scores = {label: result.scores[name] for label, name in panels.items()}
        ideal = {label: result.level(name, "floor") for label, name in panels.items()}
        return figures.contrasts(["like training", "held out"], scores, ideal, title)

    def _ideal(self, task: Sentence, seeds: Sequence[int], batch: Batch, held_out: bool, seed: int) -> np.ndarray:
        """The true probabilities of the next words in a seed's sentences."""
        return np.asarray(task.ideal(batch.member(seeds.index(seed)), held_out).numpy())

    def _batch(self, task: Sentence, held_out: bool, source: torch.Generator) -> Batch:
        return encode_sentences(task.write(self.size, source, held_out=held_out), task.max_length)


def _nothing() -> dict[str, list[np.ndarray]]:
    """Measures without values."""
    return {"loss": [], "accuracy": []}


def _mean(values: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Mean over the steps that count, of values that are 0 elsewhere: ``(seeds, n, time)`` to ``(seeds,)``."""
    return np.asarray(values.sum((1, 2)) / counted.sum((1, 2)))
