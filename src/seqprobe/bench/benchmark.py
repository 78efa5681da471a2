"""The whole benchmark: every side of every shape."""

from __future__ import annotations

import functools
import os
import platform
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from seqprobe.bench.floor import Rates, floor_milliseconds, rates
from seqprobe.bench.measure import measure
from seqprobe.bench.profile import seconds_by_part
from seqprobe.bench.ratios import quantity
from seqprobe.bench.shapes import Shape, read_shapes, shape_experiment
from seqprobe.bench.sides import LAYERS, BareLoop, CommonWay, Populations, Side
from seqprobe.config.compose import Plain
from seqprobe.learning.lightning_trainer import training_device
from seqprobe.learning.settings import TrainerSettings
from seqprobe.run.tuning import configure_process


@dataclass
class Measurements:
    """Everything that was measured, by shape.

    Attributes:
        machine: what it was measured on.
        frames: what `measure` gave.
        profiles: seconds by part of a training, by shape and number of seeds; empty if
            none were asked for, and on a GPU, where work is queued.
        floors: milliseconds of arithmetic per seed and update on one CPU thread; empty on a GPU.
    """

    machine: str
    frames: dict[Shape, pd.DataFrame] = field(default_factory=dict)
    profiles: dict[str, dict[str, float]] = field(default_factory=dict)
    floors: dict[Shape, float] = field(default_factory=dict)

    @property
    def frame(self) -> pd.DataFrame:
        """All rows, with the columns ``shape``, ``side``, ``seeds``, ``round``, ``updates`` and ``ms``."""
        frames = [frame.assign(shape=str(shape)) for shape, frame in self.frames.items()]
        return pd.concat(frames, ignore_index=True)[["shape", "side", "seeds", "round", "updates", "ms"]]


def count_turns(config: Plain) -> int:
    """How often `benchmark` will call ``report``."""
    shapes = read_shapes(config["shapes"], config["models"])
    rivals = sum(2 * (shape.model in LAYERS) for shape in shapes)
    return (rivals + len(shapes) * len(config["seeds"]) * len(config["engines"])) * (config["rounds"] + 1)


def benchmark(config: Plain, report: Callable[[str], None]) -> Measurements:
    """Measure every shape of a checked config; ``report`` is called after every turn with what was measured."""
    configure_process(config["threads"])
    settings = TrainerSettings(1, accelerator=config["trainer"]["accelerator"])
    device = training_device(settings)
    measured = Measurements(machine(device, config["threads"]))
    reached = rates() if device.type == "cpu" else None
    with tempfile.TemporaryDirectory() as folder:
        config = {**config, "tracking": {"_target_": "seqprobe.tracking.stores.embedded.EmbeddedStore", "dir": folder}}
        for shape in read_shapes(config["shapes"], config["models"]):
            with ExitStack() as opened:
                one = ShapeBenchmark(config, shape, device, opened)
                measured.frames[shape] = one.measure(Path(folder), report)
                if reached is not None:
                    measured.floors[shape] = one.floor(reached)
                    measured.profiles |= one.profiles(measured.frames[shape]) if config["profile"] else {}
    return measured


class ShapeBenchmark:
    """All sides of one shape."""

    def __init__(self, config: Plain, shape: Shape, device: torch.device, opened: ExitStack) -> None:
        self.config, self.shape, self.device = config, shape, device
        self.populations = [
            Populations(config, shape, seeds, engine, opened)
            for seeds in config["seeds"]
            for engine in config["engines"]
        ]

    def measure(self, folder: Path, report: Callable[[str], None]) -> pd.DataFrame:
        """All sides' rounds; the common way keeps its runs in ``folder``."""
        rivals: list[Side] = []
        if self.shape.model in LAYERS:
            rivals = [CommonWay(self.config, self.shape, folder), BareLoop(self.config, self.shape, self.device)]
        sides = [*rivals, *self.populations]
        rounds, seconds = self.config["rounds"], self.config["seconds"]
        return measure(sides, rounds, seconds, lambda name: report(f"{self.shape}  {name}"))

    def floor(self, reached: Rates) -> float:
        """Milliseconds of arithmetic per seed and update."""
        network: Any = shape_experiment(self.config, self.shape, [0], "auto", 1).build_network()
        return floor_milliseconds(network.layers[0], self.shape, reached)

    def profiles(self, frame: pd.DataFrame) -> dict[str, dict[str, float]]:
        """Where the time of the smallest and of the largest population goes, in turns as long as the measured ones."""
        profiles = {}
        for seeds in sorted({min(self.config["seeds"]), max(self.config["seeds"])}):
            sides = [side for side in self.populations if side.seeds == seeds]
            side = next((side for side in sides if side.name == "auto"), sides[0])
            updates = int(frame[(frame["side"] == side.name) & (frame["seeds"] == seeds)]["updates"].iloc[0])
            profiles[f"{self.shape}, {quantity(seeds)}, {side.engine}"] = seconds_by_part(
                functools.partial(side.run, updates)
            )
        return profiles


def machine(device: torch.device, threads: int) -> str:
    """What it is measured on, in a line."""
    versions = f"Python {platform.python_version()}, torch {torch.__version__}"
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)}; {versions}"
    cores = f"{quantity(threads, 'thread')} of {os.cpu_count()} cores"
    return f"{processor()}, {cores}, {torch.backends.cpu.get_cpu_capability()}; {platform.system()}, {versions}"


def processor() -> str:
    """The processor's name."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
