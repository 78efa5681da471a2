"""What a training in Python returns: its scores, figures and networks."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from seqprobe.commands.load import load_run
from seqprobe.config.compose import Composition
from seqprobe.reports.selection import tidy
from seqprobe.scoring import Tag
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.run_frames import StoredMembers
from seqprobe.tracking.stores.store import Store

if TYPE_CHECKING:
    from seqprobe.commands.networks import Networks, Weights


@dataclass(frozen=True)
class Picture:
    """A recorded figure, which a notebook shows."""

    content: bytes = field(repr=False)

    def _repr_png_(self) -> bytes:
        return self.content

    def save(self, path: str | Path) -> None:
        """Write it as a PNG file."""
        Path(path).write_bytes(self.content)


class Pictures(Mapping[str, Picture]):
    """The figures of a run by name, read from its store when they are looked at."""

    def __init__(self, store: Store, run_id: str) -> None:
        self.store, self.run_id = store, run_id

    @cached_property
    def _names(self) -> list[str]:
        paths = self.store.artifact_paths(self.run_id, "figures")
        return sorted(Path(path).stem for path in paths if path.endswith(".png"))

    def __getitem__(self, name: str) -> Picture:
        content = self.store.artifact(self.run_id, f"figures/{name}.png") if name in self._names else None
        if content is None:
            raise KeyError(name)
        return Picture(content)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"Pictures({', '.join(self._names)})"


@dataclass(frozen=True)
class Result:
    """A population that was trained, or was finished before.

    Attributes:
        name: task, model, and what else differs from the defaults.
        summary: one line with the median score and how many seeds solved the task.
        run_id: of the population's run.
        store: where it is recorded.
    """

    name: str
    summary: str
    run_id: str
    store: Store = field(repr=False)
    composition: Composition = field(repr=False)

    @cached_property
    def run_ids(self) -> dict[int, str]:
        """The run of each seed."""
        runs = self.store.search(RunFilter("seed", tags={Tag.PARENT: self.run_id}))
        return dict(sorted((int(run.params["seed"]), run.run_id) for run in runs))

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row per seed, probe, value and metric, with the columns of `seqprobe.runs`."""
        members = StoredMembers.read(self.store)
        runs = members.runs()
        return tidy(members.scores(runs[runs["parent_id"] == self.run_id]))

    @cached_property
    def figures(self) -> Mapping[str, Picture]:
        """The recorded figures by name, such as ``fit``, ``training_curves`` and ``probe_<probe>``."""
        return Pictures(self.store, self.run_id)

    @cached_property
    def networks(self) -> Networks:
        """The trained networks with their last weights."""
        return self.load()

    def load(self, weights: Weights = "last") -> Networks:
        """The trained networks; as `seqprobe.load`, whose ``trust`` the training has shown already."""
        return load_run(self.store, self.run_id, weights, self.composition.config_dir, trust=True)

    def medians(self) -> pd.DataFrame:
        """Medians over seeds: of the validation's scores, and of each probe's in every band, or at every value."""
        rows = self.scores[~self.scores["probe"].isin(["training", "reference", "best", ""])]
        banded = rows[(rows["value"] == "mean") | (rows["value"] == "")]
        shown = pd.concat([banded, rows[~rows["probe"].isin(banded["probe"])]])
        grouped = shown.groupby(["probe", "band", "value", "metric"], sort=False)["score"]
        return grouped.agg(median="median", least="min", greatest="max").reset_index()

    def __repr__(self) -> str:
        return f"{self.summary}\nrun {self.run_id} in {self.store.uri}"

    def _repr_html_(self) -> str:
        fit = self.figures.get("fit")
        picture = "" if fit is None else f'<img src="data:image/png;base64,{base64.b64encode(fit.content).decode()}">'
        table = self.medians().to_html(index=False, float_format="{:.3g}".format)
        return f"<p>{escape(self.summary)}<br>run <code>{self.run_id}</code></p>{table}{picture}"
