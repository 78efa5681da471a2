from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from seqprobe.figures import sequence_animation, vector_animation
from seqprobe.figures.animation import at_step

RANDOM = np.random.default_rng(0)
X = np.linspace(0, 1, 100)
SEQUENCES = (RANDOM.uniform(0, 1, (6, 1)) * (1 + np.sin(10 * X)))[..., None]
VECTORS = RANDOM.uniform(0, 1, (5, 400, 2))


def sequences(learned):
    noise = RANDOM.normal(0, 0.03, (len(learned), 5, 6, 1, 1))
    frames = learned[:, None, None, None, None] * SEQUENCES + noise
    steps = np.arange(len(learned)) * 50
    return sequence_animation(X, "x in rad", SEQUENCES, frames, steps, ["output"], "LSTM on sines")


def vectors(learned):
    frames = learned[:, None, None, None] * VECTORS + RANDOM.normal(0, 0.03, (len(learned), *VECTORS.shape))
    return vector_animation(VECTORS, frames, np.arange(len(learned)) * 50, ["slope", "intercept"], "LSTM on lines")


@pytest.mark.parametrize(("draw", "size"), [(sequences, (640, 440)), (vectors, (880, 440))])
def test_one_frame_per_step_looping_with_the_last_held(draw, size):
    gif = draw(np.linspace(0, 1, 25))
    assert len(gif) < 700_000
    with Image.open(BytesIO(gif)) as image:
        durations = []
        for k in range(image.n_frames):
            image.seek(k)
            durations.append(image.info["duration"])
        assert image.size == size
        assert image.info["loop"] == 0
        assert image.convert("RGB").getpixel((size[0] - 2, 2)) == (255, 255, 255)
    assert durations == [160] * 24 + [2500]


@pytest.mark.parametrize("draw", [sequences, vectors])
@pytest.mark.parametrize("learned", [[1.0], [0.5, np.nan], [np.nan, np.nan]])
def test_single_frames_and_diverged_members_can_be_drawn(draw, learned):
    with Image.open(BytesIO(draw(np.array(learned)))) as image:
        assert image.n_frames == len(learned)


def test_titles_tell_the_update():
    assert at_step("LSTM", np.array([0, 150, 1500]), 1) == "LSTM\nupdate 150 of 1500"
