"""What every pool can do: start jobs, pass on what they report, and end them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from seqprobe.config.compose import Composition
from seqprobe.failure import JobFailed

CANCEL, DETACH = "cancel", "detach"
ON_INTERRUPT = (CANCEL, DETACH)
"""What an interrupt does with jobs: it ends them, or they go on without the command."""


@dataclass(frozen=True)
class Message:
    """What a job reports.

    Attributes:
        job: its name.
        kind: ``started``; ``progress`` with updates done, their number and a few words; ``notice`` with a line of text;
            at the end ``done`` with its outcome, or ``failed`` with the reason.
        content: what belongs to the kind.
    """

    job: str
    kind: Literal["started", "progress", "notice", "done", "failed"]
    content: Sequence[Any] = ()


def import_extra(module: str, key: str, extra: str) -> Any:
    """A package that an extra of seqprobe installs.

    Args:
        key: the override that needs it.

    Raises:
        JobFailed: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as problem:
        raise JobFailed(f"{key} needs {module}: make setup-{extra}, or pip install 'seqprobe[{extra}]'") from problem


class Pool(Protocol):
    """Runs jobs, each in a process that may die alone.

    A job is a plain composition, from which its process builds the request again.
    """

    @property
    def is_remote(self) -> bool:
        """Whether jobs run elsewhere, so that what is finished already should not be sent there."""

    def prepare(self, compositions: Sequence[Composition]) -> None:
        """Begin with what takes time before jobs can start; it may turn out that there are none."""

    def start(self, jobs: Mapping[str, Composition]) -> None:
        """Start jobs, or let them wait for their turn.

        Args:
            jobs: by name. The same request has the same name in the next command, where it finds what was detached.

        Raises:
            InvalidValue: a setting does not fit.
            JobFailed: the pool cannot be reached, or refuses.
        """

    def wait(self) -> Sequence[Message]:
        """Wait a moment until jobs report something; what one job reports comes in order.

        Every job reports ``done`` or ``failed`` once, even if its process or its machine dies.
        """

    def end(self, interrupted: bool) -> str:
        """End all jobs and wait until they have closed their runs; or leave them, if an interrupt is to detach.

        Args:
            interrupted: whether a signal ends the command.

        Returns:
            A line of text about jobs that go on; empty if none do.
        """
