"""What a task, curve or probe was constructed with, so that a config can state it."""

from __future__ import annotations

import inspect
from typing import Any, Self


class Constructed:
    """A class whose objects remember the arguments of their constructor.

    Attributes:
        stated_arguments: those that were given, by name.
    """

    stated_arguments: dict[str, Any]

    def __new__(cls, *values: Any, **settings: Any) -> Self:
        """Keep the arguments before the constructor sees them; it refuses what does not fit."""
        new = super().__new__(cls)
        try:
            signature = inspect.signature(cls)
            stated = signature.bind(*values, **settings).arguments
        except (TypeError, ValueError):  # a copy is made without arguments
            new.stated_arguments = {}
            return new
        others = [name for name in stated if signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD]
        new.stated_arguments = {name: value for name, value in stated.items() if name not in others}
        for name in others:
            new.stated_arguments |= stated[name]
        return new
