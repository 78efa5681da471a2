"""What runs are searched for: one request that a server and an embedded database both answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from seqprobe.scoring import Tag


@dataclass(frozen=True)
class RunFilter:
    """Conditions that runs meet, all of them.

    Attributes:
        kind: the tag ``seqprobe.kind``; empty: any.
        status: how the run ended, or ``RUNNING``; empty: any.
        tags: values by tag.
        parts: texts that a tag's value contains, by tag; an empty text: the run has the tag.
        params: values by param.
        run_id: of a single run; empty: any.
    """

    kind: str = ""
    status: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    run_id: str = ""

    @property
    def all_tags(self) -> Mapping[str, str]:
        """Values by tag, with the kind."""
        return {**self.tags, **({Tag.KIND: self.kind} if self.kind else {})}

    def mlflow_text(self) -> str:
        """The filter in the language of MLflow's search."""
        conditions = [f"tags.`{tag}` = {quote(value)}" for tag, value in self.all_tags.items()]
        conditions += [f"tags.`{tag}` LIKE {quote(f'%{part}%')}" for tag, part in self.parts.items()]
        conditions += [f"params.`{name}` = {quote(value)}" for name, value in self.params.items()]
        conditions += [f"attributes.run_id = {quote(self.run_id)}"] if self.run_id else []
        conditions += [f"attributes.status = '{self.status}'"] if self.status else []
        return " and ".join(conditions)


def quote(text: str) -> str:
    """Put a text in quotation marks that it does not contain, for MLflow's search."""
    mark = '"' if "'" in text else "'"
    return f"{mark}{text}{mark}"
