"""A trained member as an MLflow model: plain weights and plain configuration, nothing pickled."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from seqprobe.learning.archive import member_archive
from seqprobe.learning.member_arrays import to_bytes
from seqprobe.tracking.description import Description
from seqprobe.tracking.model_environment import CONDA, PYTHON_ENV, environment_files

if TYPE_CHECKING:
    from seqprobe.learning.result import TrainResult


ARCHIVE = "training.safetensors"
"""The artifact of a member's run from which a later population takes it over."""


def member_files(description: Description, result: TrainResult, member: int) -> dict[str, bytes]:
    """What is kept of one trained member, by path: ``model/`` for MLflow, and `ARCHIVE`."""
    from safetensors.numpy import save

    population, seed = result.population, description.seeds[member]
    last = population.weights[member].detach()
    rows = {"last": last, "best": last.new_tensor(result.best_weights[member])}
    states = {name: population.state(member, row) for name, row in rows.items()}
    model = {f"model/{path}": content for path, content in model_files(description, states, seed).items()}
    arrays = {name: np.asarray(array, order="C") for name, array in member_archive(result, member).items()}
    _, engine = description.taken_over.get(seed, ("", result.engine))
    arrays["engine"] = to_bytes(np.array(engine))
    return {**model, ARCHIVE: save(arrays)}


def archive_digest(content: bytes) -> str:
    """The digest of an archive, which its run has as a tag."""
    return hashlib.sha256(content).hexdigest()


def output_shape(sizes: Mapping[str, Any]) -> tuple[int, ...]:
    """The shape of a network's outputs, with -1 for the batch and the length."""
    return (-1, -1, sizes["output_size"]) if sizes["kind"] == "seq2seq" else (-1, sizes["output_size"])


def model_files(description: Description, states: Mapping[str, Mapping[str, Tensor]], seed: int) -> dict[str, bytes]:
    """The files of a folder that ``mlflow.pyfunc.load_model`` loads, by their paths.

    The signature states outputs and parameters. It leaves the inputs open, for MLflow would refuse frames, lists of
    sequences and numbers in float64 otherwise; `seqprobe.run.serving` checks them.

    Args:
        description: what it takes to rebuild the network, and the modules of a user's own that this needs.
        states: ``"last"`` and ``"best"``, each a network's ``state_dict``.
        seed: the network's.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # MLflow's, of a type hint in its own code
        from mlflow.pyfunc import CODE, FLAVOR_NAME, add_to_model
    from mlflow.models import Model, ModelSignature
    from mlflow.types import ParamSchema, ParamSpec, Schema, TensorSpec
    from safetensors.torch import save

    numbers = next((value.numpy().dtype for value in states["last"].values()), np.dtype(np.float32))
    outputs = Schema([TensorSpec(numbers, output_shape(description.network["sizes"]))])
    params = ParamSchema([ParamSpec("weights", "string", "last"), ParamSpec("lengths", "long", [], (-1,))])
    data = {"network.json": json.dumps({**description.network, "seed": seed}, indent=2).encode()}
    for name, tensors in states.items():
        data[f"{name}.safetensors"] = save({key: value.cpu().contiguous().clone() for key, value in tensors.items()})
    code = {place: path.read_bytes() for place, path in description.modules.items()}
    model = Model(signature=ModelSignature(None, outputs, params))
    add_to_model(
        model,
        loader_module=description.loader,
        data="data/member",
        conda_env=CONDA,
        python_env=PYTHON_ENV,
        streamable=False,
    )
    model.flavors[FLAVOR_NAME][CODE] = "code" if code else None
    model.model_size_bytes = sum(map(len, data.values()))
    return {
        **{f"data/member/{path}": content for path, content in data.items()},
        **{f"code/{path}": content for path, content in code.items()},
        **{path: text.encode() for path, text in environment_files().items()},
        "MLmodel": model.to_yaml().encode(),
    }


USAGE = """
**Use the networks** of this population, or the model of one seed, whose run has it:

```python
import mlflow, numpy, seqprobe
inputs = numpy.zeros((1, {time}, {input_size}))  # (batch, time, features), of any length
seqprobe.load("{parent}").predict(inputs)  # in another store than mlruns/: store="…"
mlflow.pyfunc.load_model("runs:/{member}/model").predict(inputs, params={{"weights": "best"}})
```

A network as an ONNX file, for any batch and length: `seqprobe.load("{parent}")[{seed}].to_onnx("network.onnx")`.

Parameters of the model: `weights` is `last` or `best`; `lengths` has a true length per sequence of padded inputs.
"""


def usage_markdown(parent: str, member: str, seed: int, sizes: Mapping[str, Any]) -> str:
    """How to use the networks of a population, for its note.

    Args:
        member: the run of one seed, and that ``seed``.
        sizes: of the network.
    """
    shape = {"time": sizes["max_length"], "input_size": sizes["input_size"]}
    return USAGE.format(parent=parent, member=member, seed=seed, **shape)
