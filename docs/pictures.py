"""Draw figures of presets for the docs: `.venv/bin/python docs/pictures.py` (about four minutes)."""

from __future__ import annotations

import io
import itertools
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from matplotlib.figure import Figure
from PIL import Image

from seqprobe.config.build import build_experiment
from seqprobe.config.compose import plain_config
from seqprobe.evaluation.evaluate import evaluate
from seqprobe.learning.fit import fit
from seqprobe.learning.recorder import MemoryRecorder

ROOT = Path(__file__).parents[1]
SHEETS = {
    "post0": {
        "post0/sine": ("fit", "probe_amplitude", "probe_frequency", "probe_lines"),
        "post0/amplitude": ("probe_extrapolated_amplitudes",),
        "post0/slope_intercept": ("probe_extrapolated_slopes",),
    },
    "posts12": {
        "post1/lstm_variable": ("probe_grid", "probe_length"),
        "post2/turnstile": ("probe_automaton", "probe_states"),
        "post2/sentence": ("probe_concepts", "probe_phases"),
    },
}
"""Files, and of each the presets with their figures."""
WIDTH, COLUMNS = 900, 2


def preset_figures(preset: str, *overrides: str) -> Mapping[str, Figure]:
    """Train a preset in memory; all its figures by name."""
    recorder = MemoryRecorder()
    experiment = build_experiment(plain_config(f"experiment={preset}", *overrides))
    evaluate(experiment, fit(experiment, recorder), recorder)
    return recorder.figures


def pictures(shown: Mapping[str, Sequence[str]]) -> list[Image.Image]:
    """The shown figures of presets, five seeds each, at one width."""
    scaled = []
    for preset, names in shown.items():
        engine = "looped" if preset.startswith("post0") else "stacked"
        figures = preset_figures(preset, f"engine={engine}")
        for name in names:
            buffer = io.BytesIO()
            figures[name].savefig(buffer)
            image = Image.open(buffer).convert("RGB")
            scaled.append(image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS))
    return scaled


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
    torch.set_num_threads(1)  # as `threads` does in every run
    for sheet in sys.argv[1:] or SHEETS:
        # Other ways to choose a palette give rare colours, such as a few points' own, to their neighbours.
        smaller = grid(pictures(SHEETS[sheet])).quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        smaller.save(ROOT / f"docs/images/{sheet}.png", optimize=True)
