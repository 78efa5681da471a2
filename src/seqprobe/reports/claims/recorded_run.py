"""What a measure reads of a recorded population."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from seqprobe.checks import InvalidValue, number
from seqprobe.scoring import MetricName

GROUPS = ("train", "val", "best", "probe", "reference")
"""The groups of `MetricName` that a training records."""
NEVER = float("inf")
"""The number of examples or updates of a seed that never reaches a level."""


class RecordedRun(Protocol):
    """A recorded population."""

    @property
    def params(self) -> Mapping[str, str]:
        """Its parameters, as text."""

    @property
    def finals(self) -> Mapping[str, np.ndarray]:
        """Each metric's last value by name, ``(seeds,)``."""

    def history(self, metric: str) -> tuple[np.ndarray, np.ndarray]:
        """A metric's updates ``(n,)`` and values ``(seeds, n)``."""

    def artifact(self, path: str) -> bytes | None:
        """The content of an artifact, or None where there is none."""


Runs = Mapping[str, RecordedRun]
"""Populations by the labels that a claim gives them."""


def run_title(overrides: str) -> str:
    """A run's overrides as people read them: ``post0/sine``, ``post2/turnstile model=gru``."""
    return overrides.removeprefix("experiment=")


def labelled_run(runs: Runs, label: str) -> RecordedRun:
    """The population with a label; with an empty one, the only population there is."""
    return runs[label] if label else next(iter(runs.values()))


@dataclass(frozen=True)
class RunMetric:
    """A metric of one of a claim's runs.

    Attributes:
        metric: its name, as recorded: ``probe/amplitude/0.4/peak``.
        run: the run's label in the claim; empty where the claim has only one.
        per: what its values are divided by, an input's slope or frequency for instance.
    """

    metric: str
    run: str = ""
    per: float = 1.0

    @classmethod
    def from_node(cls, key: str, node: Any) -> RunMetric:
        """From YAML: a metric's name, or a mapping with ``metric`` and perhaps ``run`` and ``per``.

        Raises:
            InvalidValue: it is neither; ``key`` names it in the message.
        """
        if isinstance(node, RunMetric):
            return node
        parts = {"metric": node} if isinstance(node, str) else node
        if not isinstance(parts, Mapping) or not {"metric"} <= set(parts) <= {"metric", "run", "per"}:
            raise InvalidValue(key, node, "must be a metric's name, or {metric: …, run: …, per: …}")
        metric = str(parts["metric"])
        if MetricName.parse(metric).group not in GROUPS or "/" not in metric:
            raise InvalidValue(key, metric, f"must be a metric's name, which begins with {', '.join(GROUPS)}")
        per = number(f"{key}.per", parts.get("per", 1))
        if per == 0:
            raise InvalidValue(f"{key}.per", per, "must not be 0")
        return cls(metric, str(parts.get("run", "")), per)

    def values(self, runs: Runs) -> np.ndarray:
        """Its last values, ``(seeds,)``."""
        return np.asarray(labelled_run(runs, self.run).finals[self.metric] / self.per)


def metric_list(key: str, nodes: Any, least: int) -> list[RunMetric]:
    """Several metrics from YAML.

    Raises:
        InvalidValue: it is no list of at least ``least`` metrics.
    """
    if not isinstance(nodes, list | tuple) or len(nodes) < least:
        raise InvalidValue(key, nodes, f"must be a list of {least} or more metrics")
    return [RunMetric.from_node(f"{key}[{index}]", node) for index, node in enumerate(nodes)]


Node = str | Mapping[str, Any] | RunMetric
"""A metric in YAML: its name, or a mapping with ``metric``, ``run`` and ``per``."""
