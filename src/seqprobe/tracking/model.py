"""A trained member as an MLflow model: plain weights and plain configuration, nothing pickled."""

from __future__ import annotations

import json
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from torch import Tensor

import seqprobe


def save_model(
    folder: Path,
    network: Mapping[str, object],
    weights: Mapping[str, Mapping[str, Tensor]],
    example: np.ndarray,
    loader: str,
) -> None:
    """Write a folder that ``mlflow.pyfunc.load_model`` loads.

    Args:
        network: what it takes to rebuild the network, as plain containers.
        weights: ``"last"`` and ``"best"``, each parameter names to tensors.
        example: inputs ``(batch, time, input_size)``, from which the signature is read.
        loader: the module whose ``_load_pyfunc`` reads ``network.json`` and ``<name>.safetensors``.
    """
    from mlflow import pyfunc
    from mlflow.models import ModelSignature
    from mlflow.types import ParamSchema, ParamSpec, Schema, TensorSpec
    from safetensors.torch import save_file

    tensor = Schema([TensorSpec(np.dtype(np.float32), (-1, -1, example.shape[-1]))])
    params = ParamSchema([ParamSpec("weights", "string", "last"), ParamSpec("lengths", "long", [], (-1,))])
    with tempfile.TemporaryDirectory() as temporary, warnings.catch_warnings():
        # MLflow advises an input example and type hints; the signature here is complete without them.
        warnings.simplefilter("ignore", UserWarning)
        data = Path(temporary) / "member"
        data.mkdir()
        (data / "network.json").write_text(json.dumps(network, indent=2))
        for name, tensors in weights.items():
            save_file({key: value.contiguous().clone() for key, value in tensors.items()}, data / f"{name}.safetensors")
        pyfunc.save_model(
            str(folder), loader_module=loader, data_path=str(data), signature=ModelSignature(tensor, None, params),
            pip_requirements=[f"seqprobe=={seqprobe.__version__}"],
        )  # fmt: skip
