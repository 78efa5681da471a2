"""The animation in README shows what was learned, and then what larger sines become."""

from __future__ import annotations

import io
import sys
from types import ModuleType

import numpy as np
import pytest
from PIL import Image
from scripts import ROOT


@pytest.fixture
def opening(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    import opening

    sys.modules.pop("opening")
    return opening


def test_the_beginning_and_the_end_of_a_training_are_shown_and_the_end_is_held(opening: ModuleType) -> None:
    frames = np.arange(40.0)[:, None, None]
    shown = opening.thinned(frames).ravel().tolist()
    assert len(shown) == opening.LEARNING + opening.HOLD
    assert shown[0] == 0
    assert shown[-opening.HOLD - 1 :] == [39] * (opening.HOLD + 1)
    assert opening.thinned(frames[:3]).ravel().tolist() == [0, 1, 2, *[2] * opening.HOLD]


def test_larger_sines_follow_the_training(opening: ModuleType) -> None:
    x = np.linspace(0, 1, 20)
    sine = 0.3 * (1 + np.sin(10 * x))
    learned, probed = np.stack([0 * sine, sine])[:, None], {0.6: sine[None], 1.0: sine[None]}
    with Image.open(io.BytesIO(opening.opening_gif(x, sine, learned, probed))) as animation:
        assert animation.n_frames == 4  # nothing, the sine and two larger ones; what is held is one frame
