"""One trained network in Python, and its ways out: a plain module of torch, and ONNX."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from torch import nn

from seqprobe.checks import InvalidValue, user_path
from seqprobe.commands.networks import Networks, Weights

if TYPE_CHECKING:
    from seqprobe.commands.network_probe import ProbedPopulation
    from seqprobe.probes import Probe


@dataclass(frozen=True)
class Network:
    """One trained network: as `Networks`, without the leading axis."""

    networks: Networks

    @property
    def seed(self) -> int:
        """Its seed."""
        return self.networks.seeds[0]

    @property
    def uri(self) -> str:
        """What ``mlflow.pyfunc.load_model`` takes, in the store of its run."""
        return f"runs:/{self.networks.run_ids[0]}/model" if self.networks.run_ids else self.networks.name

    def at(self, weights: Weights) -> Network:
        """As `Networks.at`."""
        return Network(self.networks.at(weights))

    def predict(self, inputs: Any) -> Any:
        """Outputs ``(batch, time, output_size)`` or ``(batch, output_size)``; a list for ragged sequences."""
        return first_member(self.networks.predict(inputs))

    def trace(self, inputs: Any, layer: int | None = None) -> dict[str, Any]:
        """As `Networks.trace`: ``(batch, time, units)`` each."""
        return {name: first_member(values) for name, values in self.networks.trace(inputs, layer).items()}

    def probe(self, probe: str | Probe[Any], **settings: Any) -> ProbedPopulation:
        """As `Networks.probe`."""
        return self.networks.probe(probe, **settings)

    def to_torch(self) -> nn.Module:
        """A plain module of torch: ``module(inputs, lengths=None)``, with `torch.nn.LSTM` and its like as layers.

        Layers whose cell torch does not have stay those of seqprobe. Its weights are copies.
        """
        from seqprobe.models.plain_network import plain_network

        return plain_network(self.networks.member(0))

    def to_onnx(self, path: str | Path) -> Path:
        """Write the network as an ONNX model with inputs of any batch and length; returns the path.

        The model takes ``inputs`` ``(batch, time, features)`` in float32 and ``lengths`` ``(batch,)`` in int64. This
        needs the extra ``seqprobe[onnx]``.

        Raises:
            InvalidValue: the network has no counterpart in ONNX, or the path is none of a file in a folder.
        """
        from seqprobe.models.onnx_network import onnx_bytes

        target = user_path("path", path)
        if target.is_dir() or not target.parent.is_dir():
            raise InvalidValue("path", path, "must be a file in a folder that exists")
        target.write_bytes(onnx_bytes(self.networks.member(0), self.networks.shape.input_size))
        return target


def first_member(values: Any) -> Any:
    """Values of a population's only member, without the leading axis."""
    return [item[0] for item in values] if isinstance(values, list) else values[0]
