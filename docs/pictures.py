"""Make the README's picture grid with this version: `.venv/bin/python docs/pictures.py` (about two minutes)."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import torch
from PIL import Image

from seqprobe.config.build import build_experiment
from seqprobe.config.composing import plain_config
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.train import train

ROOT = Path(__file__).parents[1]
SHOWN = {
    "sine": ("fit", "probe_amplitude", "probe_frequency", "probe_lines"),
    "amplitude": ("probe_extrapolated_amplitudes",),
    "slope_intercept": ("probe_extrapolated_slopes",),
}
WIDTH, COLUMNS = 900, 2


def pictures() -> list[Image.Image]:
    """The shown figures of post 0's presets, five seeds each."""
    torch.set_num_threads(1)  # as `threads` does in every run
    found = []
    for preset, names in SHOWN.items():
        recorder = MemoryRecorder()
        train(build_experiment(plain_config(f"experiment=post0/{preset}", "engine=looped")), recorder)
        for name in names:
            buffer = io.BytesIO()
            recorder.figures[name].savefig(buffer)
            image = Image.open(buffer).convert("RGB")
            found.append(image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS))
    return found


def grid(images: list[Image.Image]) -> Image.Image:
    """Images in two columns on white, each row as high as its higher one."""
    rows = [images[start : start + COLUMNS] for start in range(0, len(images), COLUMNS)]
    heights = [max(image.height for image in row) for row in rows]
    sheet = Image.new("RGB", (WIDTH * COLUMNS, sum(heights)), "white")
    for top, row in zip(itertools.accumulate(heights, initial=0), rows, strict=False):
        for column, image in enumerate(row):
            sheet.paste(image, (WIDTH * column, top))
    return sheet


if __name__ == "__main__":
    grid(pictures()).quantize(128).save(ROOT / "docs/images/post0.png", optimize=True)
