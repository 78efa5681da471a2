"""What a recorder records of a population before it trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqprobe.scoring import Tag
from seqprobe.tracking import provenance


@dataclass(frozen=True)
class Description:
    """What a recorder records of a population before it trains.

    Attributes:
        experiment: the MLflow experiment, named after the task.
        experiment_text: the text of a new experiment's page, in Markdown.
        experiment_view: the tag with the view of a new experiment's page.
        name: what its runs are called; the number of seeds or the seed is added.
        params: flat parameters of every member.
        tags: further tags of every run.
        taken_over: the members that another population trained, by seed: their run there, and the engine it used.
        texts: artifact paths and contents, for the parent.
        network: what it takes to rebuild a member, as plain containers.
        modules: source files of a user's own that the config runs, by their place below a folder of the import path;
            recorded, and needed to rebuild a member.
        loader: the module whose ``_load_pyfunc`` rebuilds a member from ``network`` and its weights.
    """

    experiment: str
    name: str
    seeds: Sequence[int]
    params: Mapping[str, object]
    tags: Mapping[str, str] = field(default_factory=dict)
    taken_over: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    network: Mapping[str, Any] = field(default_factory=dict)
    modules: Mapping[str, Path] = field(default_factory=dict)
    loader: str = ""
    experiment_text: str = ""
    experiment_view: Mapping[str, str] = field(default_factory=dict)

    def files(self) -> dict[str, bytes]:
        """Artifacts of the parent that say what it is and where it comes from, by path."""
        versions = "".join(f"{name}=={version}\n" for name, version in provenance.versions().items())
        source = {"versions.txt": versions, "uncommitted.diff": provenance.uncommitted_diff()}
        source |= {place: path.read_text() for place, path in self.modules.items()}
        texts = {**self.texts, **{f"source/{name}": text for name, text in source.items()}}
        return {path: text.encode() for path, text in texts.items()}


def sweep_tag(tags: Mapping[str, str], sweep: str | None) -> dict[str, str]:
    """Tags that add a run with ``tags`` to one more ``sweep``; empty if it is in it already."""
    sweeps = tags.get(Tag.SWEEP, "").split()
    return {Tag.SWEEP: " ".join([*sweeps, sweep])} if sweep and sweep not in sweeps else {}
