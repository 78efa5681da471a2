"""Probes of loaded networks, shown at once and not recorded."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seqprobe.checks import InvalidValue, one_of
from seqprobe.config.build import split_probes, trusted_folders
from seqprobe.config.choices import choices
from seqprobe.config.compose import Plain
from seqprobe.config.recompose import compose_over
from seqprobe.config.targets import make, prefixed_keys
from seqprobe.config.trust import check_trust
from seqprobe.evaluation.population_members import PopulationMembers
from seqprobe.figures import displayed
from seqprobe.learning.devices import full_float32
from seqprobe.learning.experiment import Experiment
from seqprobe.models.population import Population
from seqprobe.probes import Probe, ProbeResult

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class NetworkProbe:
    """Runs probes on networks of an experiment.

    Attributes:
        config: the one that the experiment was built from; its task's probes are known by name.
        config_dir: the user's folder, with further probes.
    """

    config: Plain
    experiment: Experiment
    config_dir: Path | None = None

    def for_seeds(self, seeds: Sequence[int]) -> NetworkProbe:
        """The same for some of the seeds."""
        return dataclasses.replace(self, experiment=dataclasses.replace(self.experiment, seeds=seeds))

    def run(
        self, probe: str | Probe[Any], settings: Mapping[str, Any], population: Population, engine: str
    ) -> ProbedPopulation:
        """What a probe measures on a population.

        Raises:
            InvalidValue: there is no such probe, or it does not fit the task or the network.
        """
        name = probe if isinstance(probe, str) else type(probe).__name__
        if not isinstance(probe, str | Probe):
            raise InvalidValue("probe", name, "must be a probe's name, or a seqprobe Probe")
        chosen = self.build(probe, settings) if isinstance(probe, str) else probe
        if not isinstance(probe, str) and settings:
            raise InvalidValue("probe", name, f"is built already: it takes no {', '.join(settings)}")
        experiment = dataclasses.replace(self.experiment, probes={name: chosen})
        with prefixed_keys(f"probe {name}"):
            chosen.check(experiment.task)
        experiment.check()
        with full_float32(), np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            members = PopulationMembers(experiment, population, engine)
            return ProbedPopulation(name, experiment, chosen.run(members, experiment.task, experiment.seeds))

    def build(self, name: str, settings: Mapping[str, Any]) -> Probe[Any]:
        """A probe of the task's, or one that a file has, with some settings changed."""
        key = f"task.probes.{name}"
        node = {**self.node(name), **{key: plain_value(value) for key, value in settings.items()}}
        check_trust({**self.config, "task": {"probes": {name: node}}}, trusted_folders(self.config_dir))
        built: Probe[Any] = make(key, node, Probe)
        return built

    def node(self, name: str) -> Plain:
        """The config of a probe by its name."""
        current, _ = split_probes(self.config["task"])
        if name in current:
            return dict(current[name])
        folder = self.config_dir / "probe" if self.config_dir is not None else Path()
        files = [*choices("probe"), *(path.stem for path in folder.glob("*.yaml") if self.config_dir is not None)]
        if name not in files:
            raise InvalidValue("probe", name, one_of(name, sorted({*current, *files})))
        config = compose_over(self.config, [f"+probe@task.probes.{name}={name}"], self.config_dir)
        return dict(config["task"]["probes"][name])


def plain_value(value: Any) -> Any:
    """An argument as a config holds it: arrays and their numbers become Python's own."""
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


@dataclass(frozen=True)
class ProbedPopulation:
    """What a probe measured.

    Attributes:
        name: of the probe.
        result: all that it returned.
    """

    name: str
    experiment: Experiment
    result: ProbeResult

    @property
    def scores(self) -> pandas.DataFrame:
        """One row per seed, value and measure: ``seed, varied, value, distance, band, metric, score``, and levels."""
        return self.result.rows(self.experiment.seeds)

    @property
    def table(self) -> pandas.DataFrame:
        """The numbers behind the figure."""
        return self.scores if self.result.table is None else self.result.table

    def plot(self) -> Figure:
        """The probe's figure, which a notebook shows."""
        probe = self.experiment.probes[self.name]
        return displayed(probe.draw(self.result, self.experiment.task, f"{self.experiment.title}: probe {self.name}"))

    def __repr__(self) -> str:
        return f"probe {self.name}\n{self._medians().to_string()}"

    def _repr_html_(self) -> str:
        return f"<p>probe {self.name}, medians over seeds</p>{self._medians().to_html()}"

    def _medians(self) -> pandas.DataFrame:
        """Each measure's median over seeds at every value."""
        scores = self.scores
        values = scores["value"].drop_duplicates()
        return scores.pivot_table(index="value", columns="metric", values="score", aggfunc="median").reindex(values)
