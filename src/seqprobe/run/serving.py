"""Rebuild a trained member from its plain configuration and weights: what `mlflow.pyfunc.load_model` calls."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from seqprobe.checks import InvalidValue, choice, single_line
from seqprobe.config.targets import call, make
from seqprobe.config.trust import check_trust
from seqprobe.models.normalised import normalised_network
from seqprobe.models.ragged_inputs import FrameColumns, Sequences, is_frame, output_frame
from seqprobe.moved_names import with_current_names

MEMBER = Path("data", "member")
"""Where a saved model's folder has what `Member` reads."""


class Member:
    """One trained network with its last and its best weights.

    Nothing is unpickled: its weights are safetensors, its settings JSON, and they name networks and cells of seqprobe
    and of torch, or of the user's own modules that the model brings along (MLflow imports those in any case).

    Raises:
        InvalidValue: its settings name other code, or do not fit; or a file is missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        settings = folder / "network.json"
        with damage_named(settings):
            description = with_current_names(json.loads(settings.read_text()))
            node, sizes = description["model"], description["sizes"]
        check_trust({"model": node}, [folder.parents[1] / "code", *loaded_code()])
        with damage_named(settings):
            build = partial(call, "model", node, partial(make("model", node), **sizes))
            self.build = partial(normalised_network, build, sizes) if description.get("normalised") else build
            self.network = self.build()
            self.input_size = int(sizes["input_size"])
            # Models of earlier versions state none of these.
            self.output_names: list[str] = list(description.get("outputs") or [])
            self.seed = int(description.get("seed", 0))
            self.columns = FrameColumns(**description.get("columns", {}))
        files = {name: folder / f"{name}.safetensors" for name in ("last", "best")}
        self.weights = {}
        for name, file in files.items():
            with damage_named(file):
                self.weights[name] = load_file(file)
        dtype = next((values.dtype for values in self.weights["last"].values() if values.is_floating_point()), None)
        self.network.to(dtype).eval()
        for name in ("best", "last"):
            with damage_named(files[name]):
                self.network.load_state_dict(self.weights[name])

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """Outputs of the network, as an array, or as a frame if the inputs are one.

        Args:
            model_input: an array ``(batch, time, input_size)`` of any batch and length; a list of arrays
                ``(time, input_size)``; or a frame with a row per step, a column per feature in their order, and a
                column ``sequence`` where it has several sequences. A network of a table knows its columns by name.
            params: ``weights`` is ``"last"`` or ``"best"``; ``lengths`` has a true length per sequence where the
                inputs are an array padded on the right, and is left out (or empty) where they are not.

        Raises:
            InvalidValue: the inputs do not fit.
        """
        options = params or {}
        self.network.load_state_dict(self.weights[choice("weights", options.get("weights", "last"), self.weights)])
        sequences = Sequences.read(model_input, self.input_size, self.columns)
        stated = np.asarray(options.get("lengths", []), dtype=np.int64)
        if len(stated):
            sequences = sequences.with_lengths(stated)
        outputs = self._outputs(sequences)
        separated = sequences.separate(outputs) if outputs.ndim == 3 else outputs
        if not is_frame(model_input):
            return separated
        return output_frame(model_input, separated, self.output_names, self.columns)

    @torch.no_grad()
    def _outputs(self, sequences: Sequences) -> np.ndarray:
        like = next(self.network.parameters(), torch.empty(0))
        return np.asarray(self.network(*sequences.tensors(like)).numpy())


@contextmanager
def damage_named(file: Path) -> Iterator[None]:
    """Name the file of a saved model that cannot be used.

    Raises:
        InvalidValue: it is missing or damaged, or does not fit the others.
    """
    try:
        yield
    except InvalidValue:
        raise
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, SafetensorError) as problem:
        raise InvalidValue(
            "model", file, f"is damaged or of another network: {type(problem).__name__}: {single_line(problem)}"
        ) from problem


def loaded_code() -> list[Path]:
    """The code folders of models that MLflow has loaded in this process: of two with one name it imports the first."""
    folders = [Path(place) for place in sys.path]
    return [folder for folder in folders if folder.name == "code" and (folder.parent / "MLmodel").is_file()]


def _load_pyfunc(path: str) -> Member:
    return Member(Path(path))
