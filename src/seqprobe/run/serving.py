"""Rebuild a trained member from its plain configuration and weights: what `mlflow.pyfunc.load_model` calls."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file

from seqprobe.checks import choice
from seqprobe.config.targets import call, make
from seqprobe.config.trust import check_trust
from seqprobe.moved_names import with_current_names


class Member:
    """One trained network with its last and its best weights.

    Nothing is unpickled: its weights are safetensors, its settings JSON, and they name networks and cells of seqprobe
    and of torch, or of the user's own modules that the model brings along (MLflow imports those in any case).

    Raises:
        InvalidValue: its settings name other code, or do not fit.
    """

    def __init__(self, folder: Path) -> None:
        description = with_current_names(json.loads((folder / "network.json").read_text()))
        node, sizes = description["model"], description["sizes"]
        check_trust({"model": node}, [folder.parents[1] / "code", *loaded_code()])
        self.network = call("model", node, partial(make("model", node), **sizes))
        self.weights = {name: load_file(folder / f"{name}.safetensors") for name in ("last", "best")}

    @torch.no_grad()
    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> np.ndarray:
        """Outputs for ``(batch, time, input_size)`` inputs of any length.

        Args:
            params: ``weights`` is ``"last"`` or ``"best"``; ``lengths`` has a true length per sequence where the
                inputs are padded on the right, and is left out (or empty) where they are not.
        """
        options = params or {}
        name = choice("weights", options.get("weights", "last"), self.weights)
        self.network.load_state_dict(self.weights[name])
        inputs = torch.as_tensor(np.asarray(model_input, dtype=np.float32))
        lengths = torch.as_tensor(np.asarray(options.get("lengths", []), dtype=np.int64))
        if not len(lengths):
            lengths = torch.full((len(inputs),), inputs.shape[1])
        return np.asarray(self.network.eval()(inputs, lengths).numpy())


def loaded_code() -> list[Path]:
    """The code folders of models that MLflow has loaded in this process: of two with one name it imports the first."""
    folders = [Path(place) for place in sys.path]
    return [folder for folder in folders if folder.name == "code" and (folder.parent / "MLmodel").is_file()]


def _load_pyfunc(path: str) -> Member:
    return Member(Path(path))
