"""What seqprobe trains, in numbers: small populations of every task, model, optimizer and engine, and all defaults.

`numerics.json` beside this file has them as they were when `NUMERICS` was last raised. After raising it, or after
adding a case or an argument, renew the file, from the checkout's root: `python tests/run/numerics.py`
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import torch

from seqprobe.config.build import build_experiment
from seqprobe.config.compose import plain_config
from seqprobe.config.places import resources
from seqprobe.config.targets import resolve_target
from seqprobe.learning.fit import fit
from seqprobe.learning.recorder import MemoryRecorder
from seqprobe.learning.settings import TrainerSettings
from seqprobe.run.identity import NUMERICS, defaults, lasting_name

FILE = Path(__file__).with_suffix(".json")
SHARED = [
    "seeds=[0,3]",
    "trainer.max_steps=20",
    "trainer.val_every=10",
    "trainer.log_every=5",
    "trainer.precision=64-true",
    "trainer.accelerator=cpu",
]
SMALL = ["task.train_size=8", "task.val_size=4", "task.batch_size=4"]
TASKS = {
    "line_xy": ["task.points=8"],
    "hill_xy": ["task.points=8"],
    "hill_y": ["task.points=8"],
    "sine": ["task.points=8"],
    "amplitude": ["task.points=8", *SMALL],
    "slope_intercept": ["task.points=8", *SMALL],
    "inverse_fixed": SMALL,
    "inverse_variable": SMALL,
    "turnstile": ["task.length=6", *SMALL],
    "sentence": SMALL,
    "remember": ["task.lag=4", *SMALL],
    "rooms": ["task.batch_size=4"],
}
"""Overrides that make each task small."""
MODELS = {
    "rnn": "sine",
    "lstm": "sine",
    "lstm2": "sine",
    "gru": "inverse_variable",
    "lstm_graves": "sine",
    "lstm_peephole": "sine",
    "relu_rnn": "turnstile",
    "bilstm": "inverse_variable",
    "mlp": "slope_intercept",
    "counter": "turnstile",
    "turnstile_machine": "turnstile",
}
"""A task for each model."""


def cases() -> dict[str, list[str]]:
    """Overrides of every population by name: each task, each model with two engines, each optimizer."""
    found = {f"{task} lstm": [f"task={task}", "model=lstm", "engine=stacked", *small] for task, small in TASKS.items()}
    for model, task in MODELS.items():
        for engine in ("stacked", "looped") if is_stackable(model) else ("looped",):
            found[f"{task} {model} {engine}"] = [f"task={task}", f"model={model}", f"engine={engine}", *TASKS[task]]
    more = {
        "recurrent readout": ["model.readout=recurrent", "model.init=keras", "model.forget_bias=1"],
        "clipped": ["trainer.gradient_clip=0.01", "trainer.reshuffle=false", "model.init=uniform"],
        "sgd": ["optimizer=sgd"],
        "momentum": ["optimizer=sgd", "optimizer.momentum=0.9"],
        "weight decay": ["optimizer=adamw", "optimizer.weight_decay=0.5", "scheduler=cosine"],
        "warm-up": ["optimizer=radam", "scheduler=warmup_cosine", "scheduler.warmup=0.3"],
        "cycle": ["optimizer=rmsprop", "optimizer.momentum=0.5", "scheduler=one_cycle"],
        "nadam": ["optimizer=nadam", "scheduler=linear"],
        "truncated": ["model.truncation=3"],
        "dropout": ["model.dropout=0.3", "model.num_layers=2", "engine=looped"],
        "huber": ["optimizer=sgd", "loss=huber", "loss.delta=0.1"],
        "adagrad": ["optimizer=adagrad", "scheduler=exponential"],
        "compiled": ["engine=compiled"],
    }
    found |= {
        name: ["task=amplitude", "model=lstm", "engine=stacked", *TASKS["amplitude"], *given]
        for name, given in more.items()
    }
    return found


def is_stackable(model: str) -> bool:
    node = plain_config(f"model={model}")["model"]
    return bool(getattr(resolve_target("model", node["_target_"]), "supports_stacking", False))


def results(overrides: list[str]) -> dict[str, list[Any]]:
    """What a population's training leaves: losses by name, ``(updates, seeds)``, and three sums over each member's
    weights, in which no weight can change unnoticed.
    """
    plain = plain_config(*SHARED, *overrides, "task.probes=null")
    recorder = MemoryRecorder()
    result = fit(build_experiment(plain), recorder)
    weights = result.population.weights.detach()
    waves = torch.cos(torch.arange(weights.shape[1], dtype=weights.dtype))
    sums = torch.stack([weights.sum(1), weights.square().sum(1), weights @ waves])
    losses = {name: np.stack(list(recorder.metrics_at[name].values())) for name in ("train/loss", "val/loss")}
    return {"weights": sums.tolist(), **{name: values.tolist() for name, values in losses.items()}}


def all_defaults() -> dict[str, dict[str, str]]:
    """Every default of the trainer's settings, and of the arguments of seqprobe's classes that conf/ names, as JSON."""
    text = "\n".join(path.read_text() for path in sorted(resources("conf").rglob("*.yaml")))
    names = sorted(set(re.findall(r"_target_: *(seqprobe\.[\w.]+)", text)))
    targets = [resolve_target("", name) for name in names if ".tracking." not in name]
    found = {lasting_name(target, ""): defaults(target) for target in [*targets, TrainerSettings]}
    return {name: found[name] for name in sorted(found) if found[name]}


def recorded() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(FILE.read_text())
    return content


def renew() -> None:
    """Write the file anew.

    Raises:
        SystemExit: what it had has changed, but `NUMERICS` has not.
    """
    content = {"numerics": NUMERICS, "defaults": all_defaults()}
    content["results"] = {name: results(overrides) for name, overrides in cases().items()}
    if FILE.exists() and recorded()["numerics"] == NUMERICS:
        changed = changes(recorded(), content)
        if changed:
            raise SystemExit("raise NUMERICS in src/seqprobe/run/identity.py first: " + "; ".join(changed))
    FILE.write_text(json.dumps(content, separators=(",", ":")).replace("},", "},\n") + "\n")


def changes(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What is other than it was, in words; what is new, or gone, is no change."""
    changed = []
    for name, arguments in before["defaults"].items():
        for key, value in arguments.items():
            new = now["defaults"].get(name, {}).get(key, value)
            changed += [f"default of {name}.{key}: {value} is now {new}"] if new != value else []
    for name, arrays in before["results"].items():
        for key, values in arrays.items():
            new = now["results"].get(name, arrays)[key]
            if not np.allclose(new, values, rtol=1e-9, atol=1e-12):
                changed.append(f"{key} of {name}")
    return changed


if __name__ == "__main__":
    torch.set_num_threads(1)
    renew()
