"""Why a member diverged: the first of its tensors that became NaN or infinite, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor

from seqprobe.batch import Batch

if TYPE_CHECKING:
    from seqprobe.learning.module import PopulationModule


def divergence_cause(module: PopulationModule, member: int, step: int) -> str:
    """What became NaN or infinite in a member's update ``step``, in words.

    The member still has the weights from before that update, so the update is repeated as far as the first tensor that
    is not finite: its data, its loss, its gradient or, if all these are finite, what the optimizer made of its weights.
    What networks keep beside their weights, such as running means, is put back: the others have made this update once.
    """
    population = module.population
    kept = [population.untrained_values(index) for index in range(len(population))]
    kept = [{name: value.clone() for name, value in values.items()} for values in kept]
    try:
        return first_cause(module, member, step)
    finally:
        for index, values in enumerate(kept):
            population.load_untrained_values(index, values)


def first_cause(module: PopulationModule, member: int, step: int) -> str:
    """What `divergence_cause` finds when it repeats the update."""
    population = module.population
    (batch,), (numbers,) = module.data.minibatches(range(step, step + 1)), module.data.numbers(range(step, step + 1))
    place = first_nonfinite_input(batch.member(member))
    if place:
        return f"data: {place}"
    losses = population.backward(module.member_losses, batch, numbers)
    if not losses[member].isfinite():
        return f"loss: is {losses[member].item():g}"
    assert population.weights.grad is not None
    for name, gradient in population.named_views(population.weights.grad[member]).items():
        if not gradient.isfinite().all():
            return f"gradient: {name}{first_nonfinite(gradient)}"
    if not population.weights.grad[member].norm().isfinite():
        return "gradient: norm overflowed"
    return "weights: overflowed in the optimizer's step"


def freeze_nonfinite(module: PopulationModule) -> None:
    """Freeze members whose validation data are not finite, as diverged before the first update."""
    for member, cause in enumerate(nonfinite_data(module.data.val)):
        if cause:
            module.population.alive[member], module.diverged_at[member] = False, 0
            module.causes[member] = f"validation data: {cause}"


def nonfinite_data(batch: Batch) -> list[str]:
    """For every member of stacked data, what in it is not finite; empty where everything is."""
    finite = batch.inputs.isfinite().flatten(1).all(1)
    if batch.targets.is_floating_point():
        finite &= batch.targets.isfinite().flatten(1).all(1)
    return [
        "" if is_finite else first_nonfinite_input(batch.member(member))
        for member, is_finite in enumerate(finite.tolist())
    ]


def first_nonfinite_input(batch: Batch) -> str:
    """The first number of a member's inputs or targets that is not finite; empty where there is none."""
    for name, values in (("inputs", batch.inputs), ("targets", batch.targets)):
        if values.is_floating_point() and not values.isfinite().all():
            return f"{name}{first_nonfinite(values)}"
    return ""


def first_nonfinite(values: Tensor) -> str:
    """The index and value of the first number that is not finite: ``[3, 0] is nan``."""
    place = (~values.isfinite()).nonzero()[0].tolist()
    return f"{place} is {values[tuple(place)].item():g}" if place else f" is {values.item():g}"
