"""Draw the docs' figures of trained networks: `.venv/bin/python docs/pictures.py [NAME …]` (about eight minutes)."""

from __future__ import annotations

import io
import itertools
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from opening import opening_gif
from PIL import Image
from scipy.spatial import KDTree

from seqprobe.config.build import build_experiment
from seqprobe.config.compose import plain_config
from seqprobe.evaluation.evaluate import evaluate
from seqprobe.figures.gif import frequent_colors
from seqprobe.learning.fit import fit
from seqprobe.learning.recorder import MemoryRecorder

ROOT = Path(__file__).parents[1]
SHEETS = {
    "post0": [
        ("post0/sine", "fit"),
        ("post0/sine", "probe_amplitude"),
        ("post0/sine", "probe_frequency"),
        ("post0/sine", "probe_lines"),
        ("post0/amplitude", "probe_extrapolated_amplitudes"),
        ("post0/slope_intercept", "probe_extrapolated_slopes"),
    ],
    "posts12": [
        ("post1/lstm_variable", "probe_grid"),
        ("post2/turnstile", "probe_automaton"),
        ("post1/lstm_variable", "probe_length"),
        ("post2/turnstile", "probe_states"),
        ("post2/sentence", "probe_concepts"),
        ("post2/sentence", "probe_phases"),
    ],
}
"""Files, and of each the figures with their presets, row by row; a row is as high as its higher figure."""
WIDTH, COLUMNS = 900, 2
EARLY = 120
"""Updates in which the sine takes shape; the training goes on for 1,500."""


def trained_preset(preset: str, *overrides: str) -> MemoryRecorder:
    """Train a preset in memory; all that it records."""
    recorder = MemoryRecorder()
    experiment = build_experiment(plain_config(f"experiment={preset}", *overrides))
    evaluate(experiment, fit(experiment, recorder), recorder)
    return recorder


def preset_figures(preset: str, *overrides: str) -> Mapping[str, Figure]:
    """Train a preset in memory; all its figures by name."""
    return trained_preset(preset, *overrides).figures


def opening() -> bytes:
    """An LSTM learns one sine, and gets larger ones."""
    others = [f"~task.probes.{probe}" for probe in ("phase", "frequency", "lines", "lines_no_intercept", "map")]
    experiment = build_experiment(plain_config("experiment=post0/sine", "engine=looped", *others))
    recorder = MemoryRecorder()
    evaluate(experiment, fit(experiment, recorder), recorder)
    beginning = [f"trainer.max_steps={EARLY}", f"trainer.val_every={EARLY // 24}"]
    early = build_experiment(plain_config("experiment=post0/sine", "engine=looped", "~task.probes", *beginning))
    frames = np.stack([*fit(early, MemoryRecorder()).frames.values()])
    table = recorder.tables["probe_amplitude"]
    x = table["x"].unique()
    probed = {float(value): members(rows) for value, rows in table.groupby("value") if float(value) > 0.3}
    return opening_gif(x, 0.3 * (1 + np.sin(10 * x)), frames[:, :, 0, :, 0], probed)


def members(rows: pd.DataFrame) -> np.ndarray:
    """The predictions of a probed curve's rows, ``(seeds, T)``."""
    return rows["prediction"].to_numpy(dtype=float).reshape(rows["seed"].nunique(), -1)


def comparison() -> Image.Image:
    """The page that compares three models of the sine, as a browser shows it."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("the picture of a comparison needs Chromium or Chrome")
    with tempfile.TemporaryDirectory() as folder:
        sweep = [sys.executable, str(ROOT / "pipelines/sweep.py"), f"tracking.dir={folder}"]
        subprocess.run([*sweep, "task=sine", "model=gru,lstm,rnn", "seeds=5"], check=True)
        return screenshot(browser, Path(folder))


def screenshot(browser: str, store: Path) -> Image.Image:
    """The beginning of the comparison of the store in ``store``, 1240 pixels wide."""
    page, picture = (store / "comparison/comparison.html").as_uri(), store / "page.png"
    options = ["--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1240,1600", f"--screenshot={picture}"]
    subprocess.run([browser, *options, page], check=True, stderr=subprocess.DEVNULL)
    with Image.open(picture) as image:
        return image.convert("RGB")


def pictures(shown: Sequence[tuple[str, str]]) -> list[Image.Image]:
    """The shown figures of presets, five seeds each, at one width."""
    drawn, scaled = dict[str, Mapping[str, Figure]](), []
    for preset, name in shown:
        if preset not in drawn:
            drawn[preset] = preset_figures(preset, f"engine={'looped' if preset.startswith('post0') else 'stacked'}")
        image = as_image(drawn[preset][name], WIDTH)
        scaled.append(image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS))
    return scaled


def as_image(drawn: Figure, width: int) -> Image.Image:
    """A figure, drawn at ``width`` pixels or a little more."""
    buffer = io.BytesIO()
    drawn.savefig(buffer, dpi=np.ceil(width / drawn.get_figwidth()))
    return Image.open(buffer).convert("RGB")


def grid(images: list[Image.Image]) -> Image.Image:
    """Images in two columns on white, each row as high as its higher one."""
    rows = [images[start : start + COLUMNS] for start in range(0, len(images), COLUMNS)]
    heights = [max(image.height for image in row) for row in rows]
    sheet = Image.new("RGB", (WIDTH * COLUMNS, sum(heights)), "white")
    for top, row in zip(itertools.accumulate(heights, initial=0), rows, strict=False):
        for column, image in enumerate(row):
            sheet.paste(image, (WIDTH * column, top))
    return sheet


def few_colors(picture: Image.Image) -> Image.Image:
    """The same in 256 colours: the commonest as they are, so that grey stays grey, then those furthest from others.

    Other palettes give rare colours, such as a few points' own, to their neighbours.
    """
    common = list(frequent_colors([picture]))
    spread = picture.quantize(256 - len(common) // 3, Image.Quantize.MAXCOVERAGE).getpalette() or []
    palette = np.array(common + spread).reshape(-1, 3)
    colors, places = np.unique(np.asarray(picture).reshape(-1, 3), axis=0, return_inverse=True)
    nearest = KDTree(palette).query(colors)[1].astype(np.uint8)  # Pillow's own search takes similar colours for equal
    smaller = Image.fromarray(nearest[places.reshape(picture.height, picture.width)], "P")
    smaller.putpalette(palette.astype(np.uint8).tobytes())
    return smaller


DRAWN = {"comparison": comparison}
ANIMATED = {"opening": opening}


if __name__ == "__main__":
    torch.set_num_threads(1)  # as `threads` does in every run
    for name in sys.argv[1:] or [*ANIMATED, *DRAWN, *SHEETS]:
        if name in ANIMATED:
            (ROOT / f"docs/images/{name}.gif").write_bytes(ANIMATED[name]())
            continue
        picture = DRAWN[name]() if name in DRAWN else grid(pictures(SHEETS[name]))
        few_colors(picture).save(ROOT / f"docs/images/{name}.png", optimize=True)
