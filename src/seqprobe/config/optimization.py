"""The optimizer, the schedule of its learning rate and the loss, from their config nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seqprobe.checks import InvalidValue, number, one_of
from seqprobe.config.choices import choices
from seqprobe.config.compose import Plain
from seqprobe.config.targets import allowed_keys, call, make, resolve_target

SWITCHES = {"fused", "foreach", "capturable", "differentiable", "maximize", "amsgrad", "nesterov", "centered"}
"""Options of torch's optimizers that are true or false; it takes anything for them."""


def make_optimizer(node: Plain) -> Callable[..., Any]:
    """A partial that takes parameters."""
    from seqprobe.learning.optimizers import ELEMENTWISE, eager_factory

    if not isinstance(node, dict):
        raise InvalidValue("optimizer", node, "must be an optimizer's config")
    package, _, name = str(node.get("_target_")).rpartition(".")
    if package.partition(".")[0] in ("", "torch") and name not in ELEMENTWISE:
        allowed = f"must update every weight on its own: {one_of(name, ELEMENTWISE).removeprefix('must be ')}"
        raise InvalidValue("optimizer._target_", node.get("_target_"), allowed)
    if "lr" in node and number("optimizer.lr", node["lr"]) <= 0:
        raise InvalidValue("optimizer.lr", node["lr"], "must be > 0")
    return eager_factory(make("optimizer", {**node, "_partial_": True}))


def make_scheduler(node: Plain | None) -> Callable[..., Any] | None:
    """A function that schedules an optimizer's learning rate; None without a schedule."""
    if node is None:
        return None
    check_chosen("scheduler", node)
    partial = make("scheduler", {**node, "_partial_": True} if isinstance(node, dict) else node)

    def schedule(optimizer: Any) -> Any:
        # Schedules that consist of others take these as made, of the same optimizer.
        parts = partial.keywords.get("schedulers")
        made = {} if parts is None else {"schedulers": [call("scheduler", node, part, optimizer) for part in parts]}
        return call("scheduler", node, lambda: partial(optimizer, **made))

    return schedule


def check_chosen(group: str, node: Any) -> None:
    """Refuse settings of a group of which nothing is chosen: ``+scheduler.warmup=0.1``.

    Raises:
        InvalidValue: the node has keys, but no ``_target_``.
    """
    if isinstance(node, dict) and "_target_" not in node:
        key, value = next(iter(node.items()), ("_target_", None))
        allowed = f"no {group} is chosen; choose {group}={', '.join(choices(group))}"
        raise InvalidValue(f"{group}.{key}", value, allowed)


def make_loss(node: Any) -> Any:
    """The loss that is trained instead of the task's; None without one.

    Raises:
        InvalidValue: the node makes none, or one that takes a mean itself.
    """
    if not isinstance(node, dict):
        return None if node is None else make("loss", node)
    check_chosen("loss", node)
    if node.get("reduction", "none") != "none":
        raise InvalidValue("loss.reduction", node["reduction"], "must be none: the mean leaves out padding")
    for name in ("size_average", "reduce"):  # torch's former names, of which it warns
        if node.get(name) is not None:
            raise InvalidValue(f"loss.{name}", node[name], "must be null: the mean leaves out padding")
    target = resolve_target("loss", node.get("_target_"))
    if "reduction" in (allowed_keys(node, target) or ()):  # torch's losses, which take the mean otherwise
        node = {**node, "reduction": "none"}
    return make("loss", node)


def check_optimizer(node: Plain, optimizer: Callable[..., Any]) -> None:
    """Refuse an optimizer that mixes weights, and options that it takes without a look and stumbles over in a step.

    Raises:
        InvalidValue: the optimizer or an option does not fit.
    """
    import torch

    from seqprobe.learning.optimizers import check_elementwise

    for name in SWITCHES & node.keys():
        if not isinstance(node[name], bool | None):
            raise InvalidValue(f"optimizer.{name}", node[name], "must be true, false or null")
    check_elementwise(lambda parameters: call("optimizer", node, optimizer, parameters))
    weight = torch.nn.Parameter(torch.zeros(1, 1))
    weight.grad = torch.zeros(1, 1)
    call("optimizer", node, lambda: optimizer([weight]).step())
