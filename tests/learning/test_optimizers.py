"""Optimizers that update every weight on its own are taken, whoever wrote them; others are refused."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch

from seqprobe.checks import InvalidValue
from seqprobe.config.optimization import check_optimizer
from seqprobe.learning.optimizers import ELEMENTWISE, check_elementwise, eager_class, eager_factory, updated


class Lion(torch.optim.Optimizer):
    """A user's optimizer (Chen et al., 2023), without momentum."""

    def __init__(self, params: Any, lr: float = 0.1) -> None:
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for weights in group["params"]:
                weights.sub_(group["lr"] * self.direction(weights.grad))

    def direction(self, gradient: torch.Tensor) -> torch.Tensor:
        return gradient.sign()


class Normalised(Lion):
    """Divides by the norm of each member's gradient, and so couples the member's weights."""

    def direction(self, gradient: torch.Tensor) -> torch.Tensor:
        return gradient / gradient.norm(dim=1, keepdim=True)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_torchs_elementwise_optimizers_are_taken(name: str) -> None:
    decay = {} if name == "Rprop" else {"weight_decay": 0.1}
    check_elementwise(partial(getattr(torch.optim, name), lr=0.1, **decay))


def test_a_users_optimizer_is_taken() -> None:
    check_elementwise(Lion)


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        (Normalised, "optimizer=Normalised: must update every weight on its own, as SGD or Adam do"),
        (torch.optim.Adafactor, "optimizer=Adafactor: must update every weight on its own, as SGD"),
        (torch.optim.Muon, "optimizer=Muon: must update every weight on its own, as SGD"),
        (torch.optim.LBFGS, "optimizer=LBFGS: must update every weight on its own; a step ends with .*closure"),
    ],
)
def test_what_couples_weights_is_refused(factory: Callable[..., Any], message: str) -> None:
    with pytest.raises(InvalidValue, match=f"^{message}"):
        check_elementwise(factory)


def test_a_users_optimizer_that_couples_weights_is_refused_when_it_is_configured() -> None:
    with pytest.raises(InvalidValue, match=r"^optimizer=Normalised: must update every weight on its own"):
        check_optimizer({"_target_": "mine.Normalised"}, Normalised)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_an_eager_optimizer_steps_as_torchs_own_without_compiler(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    factory = partial(getattr(torch.optim, name), lr=0.1)
    weights, gradients = torch.linspace(-1, 1, 16).reshape(2, 8), torch.linspace(1, 2, 48).reshape(3, 2, 8)
    trained = updated(factory, weights, gradients)
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)  # from here on, importing it raises
    assert torch.equal(updated(eager_factory(factory), weights, gradients), trained)
    assert not torch.equal(trained, weights)


def test_an_eager_optimizer_goes_on_from_its_state_without_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)
    weight = torch.nn.Parameter(torch.ones(2))
    optimizers = [eager_class(torch.optim.Adam)([weight], lr=0.1) for _ in range(2)]
    weight.grad = torch.tensor([1.0, -2.0])
    optimizers[0].step()
    optimizers[1].load_state_dict(optimizers[0].state_dict())
    optimizers[1].zero_grad()
    assert weight.grad is None
    assert optimizers[1].state[weight]["exp_avg"].tolist() == pytest.approx([0.1, -0.2])
    assert isinstance(optimizers[1], torch.optim.Adam)


def test_a_users_optimizer_stays_as_it_is() -> None:
    assert eager_factory(Lion) is Lion
