"""A saved model gives the same numbers elsewhere: in a process without a config, and served by MLflow."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from waiting import wait_until

import seqprobe
from seqprobe.commands.network import Network

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("served_model")]
INPUTS = np.linspace(0, 1, 12).reshape(2, 6, 1)
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONWARNINGS": "ignore"}
LOAD = """
import sys
import mlflow
import numpy as np
model = mlflow.pyfunc.load_model(sys.argv[1])
print(model.predict(np.linspace(0, 1, 12).reshape(2, 6, 1)).ravel().tolist())
assert not any(name.startswith("seqprobe.commands") for name in sys.modules)
"""


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    overrides = ["model.hidden_size=2", "trainer.max_steps=2", "~task.probes", "engine=looped"]
    folder = tmp_path_factory.mktemp("served")
    result = seqprobe.train("line_xy", "gru", [0], [*overrides, "task.features=y"], store=folder)
    return next(iter(result.networks))


@pytest.fixture(scope="module")
def model(network: Network) -> Path:
    folder = Path(network.networks.prober.config["tracking"]["dir"])  # type: ignore[union-attr]
    return next(folder.glob(f"artifacts/*/{network.networks.run_ids[0]}/artifacts/model"))


def test_it_is_loaded_in_a_process_of_its_own(network: Network, model: Path, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", LOAD, str(model)], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(json.loads(done.stdout), network.predict(INPUTS).ravel(), atol=1e-6)


@pytest.fixture(scope="module")
def address(model: Path) -> Iterator[str]:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(model), "--env-manager", "local"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    server = subprocess.Popen(
        [*command, "--port", str(port)],
        env={**os.environ, **QUIET, "PATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: answers(f"{address}/ping") or server.poll() is not None, "the model is served")
        assert server.poll() is None
        yield address
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, 15)
        server.wait()


def answers(address: str) -> bool:
    try:
        return bool(urllib.request.urlopen(address, timeout=5).status == 200)
    except (urllib.error.URLError, OSError):
        return False


def served(address: str, content: dict[str, object]) -> object:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/invocations", json.dumps(content).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)["predictions"]


def test_it_is_served_with_the_same_numbers(network: Network, address: str) -> None:
    expected = network.predict(INPUTS)
    np.testing.assert_allclose(np.array(served(address, {"inputs": INPUTS.tolist()})), expected, atol=1e-6)
    best = served(address, {"inputs": INPUTS[:, :3].tolist(), "params": {"weights": "best"}})
    np.testing.assert_allclose(np.array(best), network.at("best").predict(INPUTS[:, :3]), atol=1e-6)
    rows = [["a" if row < 6 else "b", value] for row, value in enumerate(INPUTS.ravel().tolist())]
    framed = served(address, {"dataframe_split": {"columns": ["sequence", "y"], "data": rows}})
    np.testing.assert_allclose([row["y"] for row in framed], expected.ravel(), atol=1e-6)  # type: ignore[attr-defined]
