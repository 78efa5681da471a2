"""A model of a user's package is rebuilt from what it brings along, where the package itself is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scripts import run_script

from seqprobe.tracking.run_filter import RunFilter
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
