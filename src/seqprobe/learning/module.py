"""Lightning modules that train a population: one backward pass and one optimizer for all members."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.optim.lr_scheduler import LRScheduler

from seqprobe.batch import Batch, has_no_padding
from seqprobe.learning.checkpoint import State
from seqprobe.learning.data import PopulationData
from seqprobe.learning.divergence import divergence_cause
from seqprobe.learning.lightning_import import lightning
from seqprobe.learning.losses import LOSSES, ElementLosses, MemberLosses, scores
from seqprobe.learning.optimizers import OptimizerFactory
from seqprobe.learning.schedules import SchedulerFactory, repeat_steps
from seqprobe.learning.skipped_updates import is_at_rest, skip_updates, skip_validation
from seqprobe.models import Population


class PopulationModule(lightning.LightningModule, ABC):
    """Trains every member of a population on its own data, side by side.

    Attributes:
        chunk_losses: training losses of the last Lightning batch, ``(updates, seeds)``.
        chunk_rates: the learning rate of each of these updates, with a scheduler.
        updates_done: how many updates every member has seen.
        val_scores: the last validation's scores, ``(seeds,)`` by name.
        diverged_at: ``(seeds,)`` the update at which a member diverged, -1 if it has not.
        causes: what became NaN or infinite first, in words; empty if nothing did.
    """

    diverged_at: Tensor

    def __init__(
        self,
        population: Population,
        data: PopulationData,
        optimizer: OptimizerFactory,
        gradient_clip: float | None,
        scheduler: SchedulerFactory | None = None,
        loss: ElementLosses | None = None,
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.population, self.data = population, data
        self.optimizer_factory, self.gradient_clip = optimizer, gradient_clip
        self.scheduler_factory, self.chosen_loss = scheduler, loss
        self.member_losses = MemberLosses(loss or LOSSES[data.task.loss], self.target_mask)
        self.scheduler: LRScheduler | None = None
        self.register_buffer("diverged_at", torch.full((len(population),), -1))
        self.causes = [""] * len(population)
        self.chunk_losses, self.chunk_rates = torch.empty(0, len(population)), list[float]()
        self.updates_done = 0
        self.val_scores: dict[str, Tensor] = {}
        self.resumed: State | None = None

    @abstractmethod
    def target_mask(self, batch: Batch) -> Tensor | None:
        """Booleans, true where a target counts, broadcastable to targets with a feature axis; None: everywhere."""

    def training_state(self) -> State:
        """All that later updates depend on, and the last validation's scores."""
        population = self.population
        optimizers = self.trainer.optimizers
        return {
            "weights": population.weights.detach(),
            "alive": population.alive,
            "untrained": [population.untrained_values(member) for member in range(len(population))],
            "diverged_at": self.diverged_at,
            "causes": self.causes,
            "updates_done": self.updates_done,
            "val_scores": self.val_scores,
            "optimizer": optimizers[0].state_dict() if optimizers else None,
        }

    @torch.no_grad()
    def load_training_state(self, state: State) -> None:
        """Resume from a `training_state`."""
        self.population.weights.copy_(state["weights"])
        self.population.alive.copy_(state["alive"])
        for member, values in enumerate(state["untrained"]):
            self.population.load_untrained_values(member, values)
        self.diverged_at.copy_(state["diverged_at"])
        self.causes, self.updates_done, self.val_scores = state["causes"], state["updates_done"], state["val_scores"]
        self.resumed = state

    def build_optimizer(self, weights: torch.nn.Parameter) -> tuple[torch.optim.Optimizer, LRScheduler | None]:
        """A new optimizer, and the scheduler of its learning rate if there is one."""
        optimizer = self.optimizer_factory([weights])
        return optimizer, None if self.scheduler_factory is None else self.scheduler_factory(optimizer)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        optimizer, self.scheduler = self.build_optimizer(self.population.weights)
        if self.scheduler is not None:
            repeat_steps(self.scheduler, self.updates_done)
        return optimizer

    def on_fit_start(self) -> None:
        self.data.place(self.device, self.population.weights.dtype)

    def on_train_start(self) -> None:
        if self.resumed is not None:
            if self.resumed["optimizer"] is not None:
                self.trainer.optimizers[0].load_state_dict(self.resumed["optimizer"])
            self.resumed = None

    def on_validation_start(self) -> None:
        self.data.place(self.device, self.population.weights.dtype)

    def training_step(self, span: tuple[int, int], batch_index: int) -> None:
        """Make the updates from ``span[0]`` up to, not including, ``span[1]``."""
        if is_at_rest(self.population):
            skip_updates(self, range(*span))
            return
        steps, optimizer, alive = range(*span), self.trainer.optimizers[0], self.population.alive.clone()
        batches = zip(self.data.minibatches(steps), self.data.numbers(steps), strict=True)
        made, self.chunk_rates = [], []
        for batch, numbers in batches:
            made.append(self.update(batch, numbers, optimizer))
            if self.scheduler is not None:
                self.chunk_rates.append(float(optimizer.param_groups[0]["lr"]))
                self.scheduler.step()
        losses, finite = zip(*made, strict=True)
        self.chunk_losses = torch.stack(losses)
        lasted = torch.stack(finite).int().cumprod(0).sum(0)
        newly = alive & (lasted < len(steps))
        self.diverged_at.copy_(torch.where(newly, steps.start + lasted, self.diverged_at))
        for member in newly.nonzero().flatten().tolist():
            self.causes[member] = divergence_cause(self, member, int(self.diverged_at[member]))
        self.updates_done = steps.stop

    def update(self, batch: Batch, numbers: Sequence[int], optimizer: torch.optim.Optimizer) -> tuple[Tensor, Tensor]:
        """One optimizer step of every member; one that diverges in it keeps the weights it had before.

        The optimizer steps all members, for one call on the stacked weights is faster than one per member; the weights
        of those that are not alive are put back afterwards, so that a NaN of one member never reaches another. All
        tests are tensor operations without ``.item()``: nothing in here waits for the device.

        Args:
            numbers: one per member, see `Population.backward`.

        Returns:
            The losses before the step, and whether loss, gradient and weights are finite, ``(seeds,)`` each.
        """
        weights, alive = self.population.weights, self.population.alive
        losses = self.population.backward(self.member_losses, batch, numbers)
        assert weights.grad is not None
        norms = weights.grad.norm(dim=1)
        if self.gradient_clip is not None:
            weights.grad.mul_((self.gradient_clip / norms).clamp(max=1).unsqueeze(1))
        values = weights.detach()
        before = values.clone()
        optimizer.step()
        finite = losses.abs() + norms + values.norm(dim=1) < torch.inf  # false for NaN, too
        alive &= finite
        torch.where(alive.unsqueeze(1), values, before, out=values)
        return losses, finite

    def validation_step(self, span: tuple[int, int], batch_index: int) -> None:
        """Score every member on its whole validation set."""
        if self.val_scores and is_at_rest(self.population):
            skip_validation(self)
            return
        batch, task = self.data.val, self.data.task
        outputs = self.population.predict(batch)
        settled = task.settled_mask()
        settled = None if settled is None else settled.to(self.device)
        counted, chosen = self.target_mask(batch), self.chosen_loss
        values = scores(task.loss, outputs, batch, counted, settled, task.measures(), chosen)
        if task.scaling() is not None:  # scores have units, the loss that is trained has none
            values["loss"] = self.member_losses(*self.population.without_units(outputs, batch))
        self.val_scores = {name: value.masked_fill(~self.population.alive, torch.nan) for name, value in values.items()}


class Seq2SeqModule(PopulationModule):
    """A target at every step: padding does not count."""

    def target_mask(self, batch: Batch) -> Tensor | None:
        return None if has_no_padding(batch.lengths, batch.inputs.shape[-2]) else batch.mask.unsqueeze(-1)


class Seq2VecModule(PopulationModule):
    """One target per sequence: every one counts."""

    def target_mask(self, batch: Batch) -> Tensor | None:
        return None


MODULES: dict[str, type[PopulationModule]] = {"seq2seq": Seq2SeqModule, "seq2vec": Seq2VecModule}
"""Task.kind to the module that trains it."""
