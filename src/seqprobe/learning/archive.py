"""One member's whole training as named arrays, for a later population to take over instead of training it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from seqprobe.batch import Batch
from seqprobe.learning.member_arrays import STEPS, VALUES, MemberArrays, to_bytes
from seqprobe.learning.result import FRAMES, SNAPSHOTS, TrainResult
from seqprobe.models import Population
from seqprobe.models.engines import LoopedPopulation

Archive = Mapping[str, np.ndarray]
"""Arrays by name, as `MemberArrays.to_named` writes them, with the member's network."""
UNTRAINED = "untrained:"


def member_archive(result: TrainResult, member: int) -> dict[str, np.ndarray]:
    """Everything that is known of one member when its training has ended."""
    population = result.population
    buffers = {UNTRAINED + name: value.cpu().numpy() for name, value in population.untrained_values(member).items()}
    return {
        **result.members.to_named(member),
        **buffers,
        "weights": population.weights[member].detach().cpu().numpy(),
        "updates": np.array(result.updates),
        "engine": to_bytes(np.array(result.engine)),
    }


def archived_engine(archive: Archive) -> str:
    """The engine that trained a member."""
    return archive["engine"].tobytes().decode()


def is_complete(archive: Archive) -> bool:
    """Whether an archive has what `restore_result` needs: those of early versions name their series differently."""
    return {"weights", "updates", "engine", "diverged_at", "cause", VALUES + FRAMES} <= set(archive)


def check_archive(archive: Archive, network: torch.nn.Module) -> None:
    """Refuse an archive of another network, or one whose arrays do not belong together.

    Args:
        network: one member, as it is before it is trained.

    Raises:
        ValueError: it does not fit.
    """
    member = LoopedPopulation([network])
    for name in ("weights", "best_weights"):
        expect(archive, name, tuple(member.weights.shape[1:]))
    buffers = {UNTRAINED + name: tuple(value.shape) for name, value in member.untrained_values(0).items()}
    if {name for name in archive if name.startswith(UNTRAINED)} != set(buffers):
        raise ValueError("it is of another network")
    for name, shape in buffers.items():
        expect(archive, name, shape)
    for name in archive:
        series = name.removeprefix(VALUES)
        if name != series and len(archive[name]) != archive.get(STEPS + series, np.empty(0)).size:
            raise ValueError(f"its {series} have not one value for every update")
        if name.startswith(("score:", "best_score:")) or name in ("updates", "diverged_at"):
            expect(archive, name, ())


def expect(archive: Archive, name: str, shape: tuple[int, ...]) -> None:
    """Refuse an array of another shape.

    Raises:
        ValueError: it has another.
    """
    if archive[name].shape != shape:
        raise ValueError(f"its {name} have the shape {archive[name].shape} instead of {shape}")


@torch.no_grad()
def restore_weights(archives: Sequence[Archive], population: Population) -> None:
    """Copy the last weights of members that were trained before into ``population``.

    Raises:
        KeyError, RuntimeError: an archive is of another network.
    """
    for member, archive in enumerate(archives):
        population.weights[member] = torch.tensor(archive["weights"]).to(population.weights)
        population.alive[member] = bool(archive["diverged_at"] < 0)
        buffers = {name: value for name, value in archive.items() if name.startswith(UNTRAINED)}
        population.load_untrained_values(
            member, {name.removeprefix(UNTRAINED): torch.tensor(value) for name, value in buffers.items()}
        )


def restore_result(archives: Sequence[Archive], population: Population, engine: str, shown: Batch) -> TrainResult:
    """The result of members that were trained before; their weights are copied into ``population``.

    Raises:
        KeyError, ValueError, RuntimeError: an archive is of another network or training.
    """
    restore_weights(archives, population)
    network = {"weights", "updates", "engine"}
    named = [
        {name: array for name, array in archive.items() if name not in network and not name.startswith(UNTRAINED)}
        for archive in archives
    ]
    return TrainResult(
        population=population,
        engine=engine,
        updates=int(archives[0]["updates"]),
        shown=shown,
        members=MemberArrays.join([MemberArrays.from_named(arrays) for arrays in named]),
    )


def archived_weights(archives: Sequence[Archive]) -> dict[str | int, np.ndarray]:
    """The weights that were saved of all members, ``(seeds, width)`` each: last, best, and by update of a snapshot."""
    names = {"weights", "best_weights", STEPS + SNAPSHOTS, VALUES + SNAPSHOTS}
    members = MemberArrays.join(
        [MemberArrays.from_named({name: archive[name] for name in names & set(archive)}) for archive in archives]
    )
    kept: dict[str | int, np.ndarray] = {"last": members.arrays["weights"], "best": members.arrays["best_weights"]}
    return kept | members.series.get(SNAPSHOTS, {})
