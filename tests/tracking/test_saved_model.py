"""A model of a user's package is rebuilt from what it brings along, where the package itself is not."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path

import mlflow
import numpy as np
import pytest
import torch
from mlflow.models import ModelSignature
from mlflow.types import ParamSchema, ParamSpec, Schema, TensorSpec
from safetensors.torch import load
from scripts import run_script

import seqprobe
from seqprobe.tracking.description import Description
from seqprobe.tracking.run_filter import RunFilter
from seqprobe.tracking.saved_model import model_files
from seqprobe.tracking.stores.embedded import EmbeddedStore

FILES = {
    "task/mine.yaml": "# @package _global_\ntask: {_target_: my_package.tasks.mine.Mine}\n",
    "model/own.yaml": "defaults: [rnn, _self_]\ncell: {_target_: my_package.cells.own.Own}\n",
    "my_package/__init__.py": "",
    "my_package/numbers.py": "SLOPE = 2.0\n",
    "my_package/tasks/__init__.py": "",
    "my_package/tasks/mine.py": """
import torch
import my_package.numbers
from seqprobe.batch import Batch
from seqprobe.tasks import Task

class Mine(Task):
    def __init__(self, name="mine"):
        super().__init__(name, 1, ("y",), "seq2seq", "mse", 4, 8, 4, 4)

    def sample(self, n, generator):
        inputs = torch.rand(n, 4, 1, generator=generator, dtype=torch.float64)
        return Batch(inputs, my_package.numbers.SLOPE * inputs, torch.full((n,), 4))
""",
    "my_package/cells/own.py": """
from seqprobe.models import Cell
from ..numbers import SLOPE

class Own(Cell):
    gates = ("candidate",)

    def step(self, blocks, hidden):
        return {"hidden": SLOPE * blocks[0].tanh()}
""",
}
LOAD = """
import sys
import mlflow
import numpy as np
model = mlflow.pyfunc.load_model(sys.argv[1])
print(model.predict(np.zeros((2, 3, 1), dtype=np.float32)).shape)
"""


def test_a_package_travels_with_the_model(tmp_path: Path) -> None:
    user, folder = tmp_path / "user", tmp_path / "store"
    for name, content in FILES.items():
        (user / name).parent.mkdir(parents=True, exist_ok=True)
        (user / name).write_text(content)
    command = ["--config-dir", str(user), "task=mine", "model=own", "seeds=[0]", "trainer.max_steps=2"]
    assert run_script("train", [*command, "model.hidden_size=2", f"tracking.dir={folder}"]) == 0
    store = EmbeddedStore(str(folder))
    (population,), (member,) = store.search(RunFilter("population")), store.search(RunFilter("seed"))
    for name in (name for name in FILES if name.startswith("my_package")):
        kept = store.artifact(population.run_id, f"source/{name}")
        assert kept == FILES[name].encode()
    (model,) = folder.glob(f"artifacts/*/{member.run_id}/artifacts/model")
    kept_files = {path.relative_to(model / "code").as_posix() for path in (model / "code").rglob("*.py")}
    assert kept_files == {name for name in FILES if name.startswith("my_package")}
    user.rename(tmp_path / "away")
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", LOAD, str(model)], capture_output=True, text=True)
    assert done.stdout.strip() == "(2, 3, 1)", done.stderr


def files_of_mlflow(description: Description, data: Mapping[str, bytes], tmp_path: Path) -> dict[str, bytes]:
    """What MLflow itself writes for a model."""
    (tmp_path / "member").mkdir()
    for name, content in data.items():
        (tmp_path / "member" / name).write_bytes(content)
    (tmp_path / "modules").mkdir()
    for place, path in description.modules.items():
        (tmp_path / "modules" / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, tmp_path / "modules" / place)
    params = ParamSchema([ParamSpec("weights", "string", "last"), ParamSpec("lengths", "long", [], (-1,))])
    outputs = Schema([TensorSpec(np.dtype(np.float32), (-1, -1, 1))])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # MLflow advises an input example and type hints
        mlflow.pyfunc.save_model(
            str(tmp_path / "model"),
            loader_module=description.loader,
            data_path=str(tmp_path / "member"),
            code_paths=sorted(map(str, (tmp_path / "modules").iterdir())) or None,
            signature=ModelSignature(None, outputs, params),
            pip_requirements=[f"seqprobe=={seqprobe.__version__}"],
        )
    files = (path for path in (tmp_path / "model").rglob("*") if path.is_file())
    return {path.relative_to(tmp_path / "model").as_posix(): path.read_bytes() for path in files}


def without_identity(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Files of a model without what differs between two that are saved."""
    text = files["MLmodel"].decode()
    return {**files, "MLmodel": re.sub(r"(model_uuid|utc_time_created): .*", r"\1", text).encode()}


@pytest.mark.parametrize("with_code", [False, True])
def test_the_files_are_those_that_mlflow_writes(tmp_path: Path, with_code: bool) -> None:
    (tmp_path / "own.py").write_text("SLOPE = 2\n")
    modules = {"my_package/own.py": tmp_path / "own.py"} if with_code else {}
    network = {"sizes": {"output_size": 1, "kind": "seq2seq"}}
    description = Description("e", "rnn", [3], {}, network=network, modules=modules, loader="seqprobe.run.serving")
    weights = {"weight": torch.arange(6.0).reshape(2, 3), "bias": torch.ones(2)}
    files = model_files(description, {"last": weights, "best": {name: -values for name, values in weights.items()}}, 3)
    data = {path.rpartition("/")[2]: content for path, content in files.items() if path.startswith("data/")}
    assert without_identity(files) == without_identity(files_of_mlflow(description, data, tmp_path))
    assert json.loads(data["network.json"]) == {**network, "seed": 3}
    assert load(data["best.safetensors"])["bias"].tolist() == [-1, -1]
