import numpy as np
from PIL import Image

from seqprobe.tracking.image_palette import COLORS, with_palette


def test_flat_areas_keep_their_colours() -> None:
    colors = np.array([[255, 255, 255], [242, 242, 242], [237, 237, 237], [230, 230, 230], [0, 114, 178]], np.uint8)
    pixels = np.repeat(colors, 40, axis=0).reshape(5, 40, 3)
    limited = with_palette(Image.fromarray(pixels))
    assert limited.mode == "P"
    np.testing.assert_array_equal(np.asarray(limited.convert("RGB")), pixels)


def test_a_rare_colour_becomes_the_nearest_of_the_commonest() -> None:
    ramp = np.stack(np.meshgrid(np.arange(0, 256, 16), np.arange(0, 256, 16), [128]), -1).reshape(-1, 3)
    assert len(ramp) == COLORS
    pixels = np.concatenate([np.repeat(ramp, 3, 0), [[1, 2, 200]]]).astype(np.uint8)[None]
    seen = np.asarray(with_palette(Image.fromarray(pixels)).convert("RGB"))
    np.testing.assert_array_equal(seen[0, :-1], pixels[0, :-1])
    assert seen[0, -1].tolist() == [0, 0, 128]
