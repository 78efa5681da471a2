"""Gradients by the operands of elementwise operations, from those by their results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seqprobe.models.compiled.arithmetic import Arithmetic


def through_add(code: Arithmetic, gradient: Any, result: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """a + b."""
    return gradient, gradient


def through_sub(code: Arithmetic, gradient: Any, result: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """a - b."""
    return gradient, code.neg(gradient)


def through_mul(code: Arithmetic, gradient: Any, result: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """a · b."""
    return code.mul(gradient, b), code.mul(gradient, a)


def through_div(code: Arithmetic, gradient: Any, result: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """a / b."""
    by_a = code.div(gradient, b)
    return by_a, code.neg(code.mul(by_a, result))


def through_neg(code: Arithmetic, gradient: Any, result: Any, a: Any) -> tuple[Any]:
    """-a."""
    return (code.neg(gradient),)


def through_sigmoid(code: Arithmetic, gradient: Any, result: Any, a: Any) -> tuple[Any]:
    """sigmoid(a)."""
    return (code.mul(gradient, code.mul(result, code.sub(code.constant(1), result))),)


def through_tanh(code: Arithmetic, gradient: Any, result: Any, a: Any) -> tuple[Any]:
    """tanh(a)."""
    return (code.mul(gradient, code.sub(code.constant(1), code.mul(result, result))),)


def through_relu(code: Arithmetic, gradient: Any, result: Any, a: Any) -> tuple[Any]:
    """max(0, a)."""
    return (code.positive(result, gradient),)


def through_exp(code: Arithmetic, gradient: Any, result: Any, a: Any) -> tuple[Any]:
    """exp(a)."""
    return (code.mul(gradient, result),)


DERIVATIVES: dict[str, Callable[..., tuple[Any, ...]]] = {
    "add": through_add,
    "sub": through_sub,
    "mul": through_mul,
    "div": through_div,
    "neg": through_neg,
    "sigmoid": through_sigmoid,
    "tanh": through_tanh,
    "relu": through_relu,
    "exp": through_exp,
}
"""By operation: of the code, the gradient by the result, the result, and the operands."""
