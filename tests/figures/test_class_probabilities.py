"""Classes as networks see them: probabilities, sequences, confusion."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from seqprobe import figures
from seqprobe.figures.class_probabilities import probabilities

NAMES = ["WAIT", "WALK"]
TRUTH = np.array([[0, 1, 0], [1, 0, 0]])
LENGTHS = np.array([3, 2])


def logits_of(believed: Any) -> np.ndarray:
    """Logits that give the true classes of `TRUTH` these probabilities."""
    p = np.broadcast_to(believed, TRUTH.shape)
    odds = np.log(p / (1 - p))
    return np.stack([np.where(TRUTH == 0, odds, 0), np.where(TRUTH == 1, odds, 0)], -1)


def image_of(drawing: Any) -> np.ndarray:
    return np.ma.filled(drawing.axes[0].images[0].get_array().astype(float), np.nan)


def test_probabilities_are_the_softmax() -> None:
    np.testing.assert_allclose(probabilities(np.log([[1.0, 3.0]])), [[0.25, 0.75]])
    np.testing.assert_allclose(figures.of_true_class(TRUTH, logits_of(0.7)), np.full((2, 3), 0.7))


def test_class_sequences_show_the_median_probability_and_no_padding() -> None:
    members = np.stack([logits_of(0.2), logits_of(0.9), logits_of(0.6), np.full((2, 3, 2), np.nan)])
    drawing = figures.class_sequences(TRUTH, LENGTHS, members, NAMES, "title")
    np.testing.assert_allclose(image_of(drawing), [[0.6, 0.6, 0.6], [0.6, 0.6, np.nan]])
    assert [text.get_text() for text in drawing.axes[0].texts] == ["WAIT", "WALK", "WAIT", "WALK", "WAIT"]
    assert "3 of 4 seeds; 1 diverged" in drawing.get_supxlabel()


def test_confusion_counts_answers_by_true_class() -> None:
    truth = np.array([0, 0, 1])
    answers = np.array([[0, 1, 1], [0, 0, 1]])
    drawing = figures.confusion(truth, np.eye(2)[answers], NAMES, "title")
    np.testing.assert_allclose(image_of(drawing), [[0.75, 0.25], [0, 1]])
    assert [text.get_text() for text in drawing.axes[0].texts] == ["0.75", "0.25", "1.00"]


@pytest.mark.parametrize("kind", ["sequences", "confusion"])
def test_animations_have_a_frame_per_update(kind: str) -> None:
    steps = np.array([0, 5, 10])
    if kind == "sequences":
        frames = np.stack([np.stack([logits_of(p), logits_of(p)]) for p in (0.5, 0.7, 0.9)])
        gif = figures.class_sequences_animation(TRUTH, LENGTHS, frames, steps, NAMES, "title")
    else:
        frames = np.stack([np.stack([logits_of(p)[0]] * 2) for p in (0.5, 0.7, 0.9)])
        gif = figures.confusion_animation(TRUTH[0], frames, steps, NAMES, "title")
    assert getattr(Image.open(io.BytesIO(gif)), "n_frames", 1) == 3
