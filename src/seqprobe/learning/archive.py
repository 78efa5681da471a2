"""One member's whole training as named arrays, for a later population to take over instead of training it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from seqprobe.batch import Batch
from seqprobe.learning.data import Levels
from seqprobe.learning.result import TrainResult
from seqprobe.models import Population

Archive = Mapping[str, np.ndarray]
"""Arrays by name; what belongs to a metric or a weight has its name after a colon, and texts are UTF-8 bytes."""


def archived(result: TrainResult, member: int) -> dict[str, np.ndarray]:
    """Everything that is known of one member when its training has ended."""
    population = result.population
    arrays = {
        "weights": population.weights[member].detach().cpu().numpy(),
        "best_weights": result.best_weights[member],
        "updates": np.array(result.updates),
        "diverged_at": np.array(result.diverged_at[member]),
        "cause": letters(result.causes[member]),
        "engine": letters(result.engine),
        "frame_steps": np.array(list(result.frames)),
        "frames": np.stack([frame[member] for frame in result.frames.values()]),
    }
    if result.snapshots:
        arrays["moment_steps"] = np.array(list(result.snapshots))
        arrays["moments"] = np.stack([weights[member] for weights in result.snapshots.values()])
    arrays |= {f"score:{name}": np.array(values[member]) for name, values in result.scores.items()}
    arrays |= {f"best_score:{name}": np.array(values[member]) for name, values in result.best_scores.items()}
    for name, levels in result.references.items():
        arrays |= {f"reference:{name}": np.array([levels.score[member], levels.loss[member]])}
    for name, at in result.history.items():
        arrays |= {f"steps:{name}": np.array(list(at)), f"values:{name}": np.array([v[member] for v in at.values()])}
    for name, value in population.untrained_values(member).items():
        arrays[f"untrained:{name}"] = value.cpu().numpy()
    return arrays


def letters(words: str) -> np.ndarray:
    """A text as UTF-8 bytes."""
    return np.frombuffer(words.encode(), dtype=np.uint8)


def words(letters: np.ndarray) -> str:
    """The text that `letters` made bytes of."""
    return letters.tobytes().decode()


def section(archive: Archive, kind: str) -> dict[str, np.ndarray]:
    """The arrays of one kind, by the names after the colon."""
    return {key.partition(":")[2]: value for key, value in archive.items() if key.startswith(f"{kind}:")}


@torch.no_grad()
def restored(archives: Sequence[Archive], population: Population, engine: str, shown: Batch) -> TrainResult:
    """The result of members that were trained before; ``population`` becomes them.

    Raises:
        KeyError, ValueError, RuntimeError: an archive is of another network or training.
    """
    for member, archive in enumerate(archives):
        population.weights[member] = torch.tensor(archive["weights"]).to(population.weights)
        population.alive[member] = bool(archive["diverged_at"] < 0)
        population.load_untrained_values(
            member, {name: torch.tensor(value) for name, value in section(archive, "untrained").items()}
        )
    first = archives[0]

    def together(kind: str) -> dict[str, np.ndarray]:
        return {name: np.stack([archive[f"{kind}:{name}"] for archive in archives]) for name in section(first, kind)}

    values, steps = together("values"), section(first, "steps")
    levels = {name: Levels(pair[:, 0], pair[:, 1]) for name, pair in together("reference").items()}
    frames = np.stack([archive["frames"] for archive in archives], 1)
    complete = all("moments" in archive for archive in archives)
    moments = np.stack([archive["moments"] for archive in archives], 1) if complete else np.empty(0)
    return TrainResult(
        population=population,
        engine=engine,
        updates=int(first["updates"]),
        scores=together("score"),
        diverged_at=np.array([int(archive["diverged_at"]) for archive in archives]),
        causes=[words(archive["cause"]) for archive in archives],
        references=levels,
        best_weights=np.stack([archive["best_weights"] for archive in archives]),
        best_scores=together("best_score"),
        history={
            name: {int(step): values[name][:, index] for index, step in enumerate(steps[name])} for name in values
        },
        shown=shown,
        frames={int(step): frames[index] for index, step in enumerate(first["frame_steps"])},
        snapshots={int(step): moments[index] for index, step in enumerate(first["moment_steps"])} if complete else {},
    )
