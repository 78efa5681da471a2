"""What a training came to, in words: medians over finite members, and how many of how many those are."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from seqprobe.evaluation.summary import pictures, spread
from seqprobe.markdown import GAP
from seqprobe.tracking.artifacts import with_artifact_addresses
from seqprobe.tracking.logged_images import step_images


def test_a_score_is_the_median_over_the_finite_and_says_of_how_many() -> None:
    assert spread(np.array([3.0, 1.0, 2.0])) == ("2", "1 – 3")
    assert spread(np.array([np.nan, 1.0, 2.0, np.inf])) == ("1.5 (2 of 4)", "1 – 2")
    assert spread(np.array([np.nan, np.nan])) == ("– (0 of 2)", "–")
    assert GAP not in "".join(spread(np.array([1.0])))


def test_pictures_are_asked_of_the_run_that_has_them() -> None:
    assert pictures({"phase": {}}) == ["![fit](figures/fit.png)", "", "![probe_phase](figures/probe_phase.png)", ""]
    shown = with_artifact_addresses("![fit](figures/fit.png) [elsewhere](other/fit.png)", "7f")
    assert shown == "![fit](get-artifact?path=figures%2Ffit.png&run_uuid=7f) [elsewhere](other/fit.png)"


def test_frames_become_stepped_images_with_the_same_names_every_time() -> None:
    frames = [Image.new("RGB", (1280, 640), (10 * k, 0, 0)) for k in range(11)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    found = step_images("fit", buffer.getvalue(), range(0, 110, 10))
    assert found == step_images("fit", buffer.getvalue(), range(0, 110, 10))
    whole = [path for path in found if path.endswith(".png")]
    assert [path.split("+")[:5] for path in whole] == [
        ["images/fit", "step", str(step), "timestamp", str(step)] for step in (0, 20, 40, 60, 80, 100)
    ]
    assert len(found) == 2 * len(whole)
    assert step_images("fit", buffer.getvalue(), range(12)) == {}
    small = Image.open(io.BytesIO(found[whole[3].replace(".png", "+compressed.webp")]))
    assert small.size == (640, 320)
    red = Image.open(io.BytesIO(found[whole[3]])).convert("RGB").getpixel((0, 0))
    assert isinstance(red, tuple)
    assert abs(red[0] - 60) < 4
