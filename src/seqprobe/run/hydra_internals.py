"""All that is used of Hydra without being its public interface; hydra-core is pinned in pyproject.toml for its sake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hydra._internal.utils import get_args_parser as hydra_argument_parser
from hydra.core.utils import JobReturn, JobStatus

__all__ = ["completed_job", "failed_job", "hydra_argument_parser"]


class FailedJob(JobReturn):
    """A job whose error was already printed; reading its return value raises it."""

    def __getattribute__(self, name: str) -> Any:
        if name == "return_value":
            raise super().__getattribute__("_return_value")
        return super().__getattribute__(name)


def completed_job(overrides: Sequence[str], value: Any) -> JobReturn:
    """A job that ended with a value."""
    return JobReturn(overrides=list(overrides), status=JobStatus.COMPLETED, _return_value=value)


def failed_job(overrides: Sequence[str], error: BaseException | None) -> JobReturn:
    """A job that ended with an error, which was already printed."""
    return FailedJob(overrides=list(overrides), status=JobStatus.FAILED, _return_value=error)
