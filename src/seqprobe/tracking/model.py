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
from seqprobe.tracking.description import Description


def save_model(
    folder: Path, description: Description, states: Mapping[str, Mapping[str, Tensor]], example: np.ndarray
) -> None:
    """Write a folder that ``mlflow.pyfunc.load_model`` loads.

    Args:
        description: what it takes to rebuild the network, and the modules of a user's own that this needs.
        states: ``"last"`` and ``"best"``, each a network's ``state_dict``.
        example: inputs ``(batch, time, input_size)``, from which the signature is read.
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
        (data / "network.json").write_text(json.dumps(description.network, indent=2))
        for name, tensors in states.items():
            save_file({key: value.contiguous().clone() for key, value in tensors.items()}, data / f"{name}.safetensors")
        pyfunc.save_model(
            str(folder), loader_module=description.loader, data_path=str(data),
            code_paths=[str(path) for path in description.modules] or None,
            signature=ModelSignature(tensor, None, params),
            pip_requirements=[f"seqprobe=={seqprobe.__version__}"],
        )  # fmt: skip
