"""The networks of a trained population, to use in Python: `seqprobe.load` returns them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from seqprobe.batch import Batch
from seqprobe.checks import InvalidValue, one_of
from seqprobe.evaluation.population_members import population_outputs, population_traces
from seqprobe.learning.devices import full_float32
from seqprobe.models.engines import ENGINES
from seqprobe.models.member import NetworkFactory
from seqprobe.models.population import Population
from seqprobe.models.ragged_inputs import FrameColumns, Sequences

if TYPE_CHECKING:
    from seqprobe.commands.network import Network
    from seqprobe.commands.network_probe import NetworkProbe, ProbedPopulation
    from seqprobe.probes import Probe

Weights = str | int
"""``"last"``, ``"best"``, or the update of a snapshot."""


@dataclass(frozen=True)
class NetworkShape:
    """What the networks of a population have in common.

    Attributes:
        factory: builds one, untrained.
        engine: what computes them.
        input_size: features of the inputs.
        output_names, columns: of the outputs and of frames, as far as they are known.
    """

    factory: NetworkFactory
    engine: str
    input_size: int
    output_names: Sequence[str] = ()
    columns: FrameColumns = field(default_factory=FrameColumns)


@dataclass(frozen=True)
class Networks:
    """The trained networks of one population, a seed each.

    ``networks[3]`` is the network of seed 3; iterating gives one `Network` after the other.

    Attributes:
        name: of the population's run.
        seeds: of the networks, in order.
        run_ids: their runs in MLflow, in the same order; empty for a saved model's folder.
        weights: which are in use: ``"last"``, ``"best"``, or the update of a snapshot.
    """

    name: str
    seeds: Sequence[int]
    run_ids: Sequence[str] = field(repr=False)
    weights: Weights
    shape: NetworkShape = field(repr=False)
    population: Population = field(repr=False)
    saved: Mapping[Weights, np.ndarray] = field(repr=False)
    prober: NetworkProbe | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.seeds)

    def __iter__(self) -> Iterator[Network]:
        return (self[seed] for seed in self.seeds)

    def __getitem__(self, seed: int) -> Network:
        """The network of a seed.

        Raises:
            InvalidValue: there is none.
        """
        from seqprobe.commands.network import Network

        if seed not in self.seeds:
            raise InvalidValue("seed", seed, f"must be one of {', '.join(map(str, self.seeds))}")
        index = list(self.seeds).index(seed)
        network, alive = self.member(index), self.population.alive[[index]]
        alone = ENGINES[self.shape.engine]([network])
        alone.alive.copy_(alive)
        saved = {name: rows[[index]] for name, rows in self.saved.items()}
        prober = None if self.prober is None else self.prober.for_seeds([seed])
        runs = list(self.run_ids)[index : index + 1]
        return Network(
            dataclasses.replace(self, seeds=[seed], run_ids=runs, population=alone.eval(), saved=saved, prober=prober)
        )

    def member(self, index: int) -> nn.Module:
        """A plain network with the weights of one member."""
        network = self.shape.factory().to(self.population.weights.dtype)
        network.load_state_dict(self.population.state(index, self.population.weights[index].detach().cpu()))
        return network.eval()

    @property
    def choices(self) -> list[Weights]:
        """The weights that can be chosen: last, best, and the updates of the snapshots that were saved."""
        return list(self.saved)

    @torch.no_grad()
    def at(self, weights: Weights) -> Networks:
        """The same networks with their ``"last"`` or ``"best"`` weights, or with those of a snapshot.

        Members that had diverged by then predict NaN.

        Raises:
            InvalidValue: no such weights were saved.
        """
        if not isinstance(weights, str | int) or weights not in self.saved:
            names = [str(name) for name in self.saved]
            raise InvalidValue("weights", weights, one_of(str(weights), names))
        population = ENGINES[self.shape.engine]([self.member(index) for index in range(len(self))])
        rows = torch.as_tensor(self.saved[weights]).to(population.weights)
        finite = rows.isfinite().all(1)
        population.weights.copy_(torch.where(finite.unsqueeze(1), rows, population.weights))
        population.alive.copy_(self.population.alive if weights == "last" else finite)
        return dataclasses.replace(self, weights=weights, population=population.eval())

    def predict(self, inputs: Any) -> Any:
        """Outputs of every network, in the networks' own precision.

        Args:
            inputs: an array ``(batch, time, features)`` of any length; a list of arrays ``(time, features)``, each of
                its own length; or a frame with a row per step, a column per feature, and a column ``sequence`` where
                it has several sequences. Networks of a table know its columns by name.

        Returns:
            ``(seeds, batch, time, output_size)``, for sequences given one by one a list of
            ``(seeds, time, output_size)``; of a seq2vec network ``(seeds, batch, output_size)``. NaN for members that
            diverged.

        Raises:
            InvalidValue: the inputs do not have the network's features.
        """
        sequences = Sequences.read(inputs, self.shape.input_size, self.shape.columns)
        with full_float32():
            outputs = population_outputs(self.population, self._batch(sequences))
        return sequences.separate(outputs) if outputs.ndim == 4 else outputs

    def trace(self, inputs: Any, layer: int | None = None) -> dict[str, Any]:
        """Every gate, candidate and state at every step by name: ``(seeds, batch, time, units)`` each.

        Args:
            inputs: as for `predict`; for sequences given one by one, values are lists of ``(seeds, time, units)``.
            layer: one layer's alone, counted from 0 at the input. None: all layers; of a network with several, names
                begin with their layer, ``"1.forget_gate"``.

        Raises:
            InvalidValue: the network has no gates, no such layer, or the inputs do not have its features.
        """
        if not hasattr(self.member(0), "trace"):
            raise InvalidValue("trace", type(self.member(0)).__name__, "has no gates or states to look at")
        sequences = Sequences.read(inputs, self.shape.input_size, self.shape.columns)
        with full_float32():
            traces = population_traces(self.population, self._batch(sequences))
        return {name: sequences.separate(values) for name, values in named_traces(traces, layer).items()}

    def probe(self, probe: str | Probe[Any], **settings: Any) -> ProbedPopulation:
        """Run a probe on the networks, without recording it: ``networks.probe("amplitude", values=[0.5, 2]).plot()``.

        Args:
            probe: the name of one of the task's probes, of a file in ``conf/probe/`` or the user's folder, or a probe.
            settings: arguments of the probe that differ from its config.

        Raises:
            InvalidValue: there is no such probe, it does not fit, or the task is not known (a saved model's folder).
        """
        if self.prober is None:
            raise InvalidValue("probe", probe, "needs the task: load the population's run instead of a model's folder")
        return self.prober.run(probe, settings, self.population, self.shape.engine)

    def _batch(self, sequences: Sequences) -> Batch:
        inputs, lengths = sequences.tensors(self.population.weights)
        return Batch(inputs, inputs, lengths)


def named_traces(traces: Mapping[str, np.ndarray], layer: int | None) -> dict[str, np.ndarray]:
    """Traces of all layers, or of one by their plain names.

    Raises:
        InvalidValue: there is no such layer.
    """
    layers = list(dict.fromkeys(name.partition(".")[0] for name in traces))
    if layer is not None and str(layer) not in layers:
        raise InvalidValue("layer", layer, f"must be one of {', '.join(layers)}")
    if layer is None and len(layers) > 1:
        return dict(traces)
    chosen = f"{layers[0] if layer is None else layer}."
    return {name.removeprefix(chosen): values for name, values in traces.items() if name.startswith(chosen)}
