"""Every YAML composes, builds and says what it is for; presets state exactly their post's settings."""

from __future__ import annotations

import itertools
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import torch
from scripts import ROOT

from seqprobe.checks import InvalidValue
from seqprobe.config.build import build_experiment, build_store, check
from seqprobe.config.composing import plain_config
from seqprobe.seeds import generator, parse_seeds
from seqprobe.tracking.store import EmbeddedStore

CONF = ROOT / "conf"
# The help is a text of its own.
YAMLS = sorted(path.relative_to(CONF) for path in CONF.rglob("*.yaml") if path.parent.name != "help")

LSTM = {"model": "lstm", "hidden_size": 8, "num_layers": 1, "init": "keras", "forget_bias": None}
RECURRENT = {**LSTM, "readout": "recurrent", "optimizer": "SGD", "lr": 1.0}
DENSE = {**LSTM, "readout": "linear", "optimizer": "Adam", "lr": 0.01}
CURVE = {"points": 100, "train_size": 1, "val_size": 1, "batch_size": 1}
PRESETS: dict[str, dict[str, Any]] = {
    "post0/line_xy": {**RECURRENT, **CURVE, "hidden_size": 16, "num_layers": 0, "lr": 0.3, "max_steps": 3000},
    "post0/hill_xy": {**RECURRENT, **CURVE, "max_steps": 3000},
    "post0/hill_y": {**RECURRENT, **CURVE, "max_steps": 3000},
    "post0/sine": {**RECURRENT, **CURVE, "max_steps": 1500},
    "post0/amplitude": {
        **DENSE, "points": 100, "train_size": 50, "val_size": 99, "batch_size": 16, "max_steps": 300,
    },
    "post0/slope_intercept": {
        **DENSE, "points": 100, "train_size": 400, "val_size": 100, "batch_size": 16, "max_steps": 750,
        "forget_bias": 3,
    },
}  # fmt: skip


def names(group: str) -> list[str]:
    """The choices of a group, those in folders below it as well."""
    return sorted(str(path.relative_to(CONF / group).with_suffix("")) for path in (CONF / group).rglob("*.yaml"))


def settings(plain: dict[str, Any]) -> dict[str, Any]:
    """What a preset decides, flat."""
    model = {key: plain["model"][key] for key in ("hidden_size", "num_layers", "readout", "init", "forget_bias")}
    task = {key: plain["task"][key] for key in CURVE}
    optimizer = {"optimizer": plain["optimizer"]["_target_"].rpartition(".")[2], "lr": plain["optimizer"]["lr"]}
    trainer = {"max_steps": plain["trainer"]["max_steps"]}
    return {"model": plain["names"]["model"], **model, **task, **optimizer, **trainer}


@pytest.mark.parametrize(("task", "model"), list(itertools.product(names("task"), names("model"))))
def test_every_task_goes_through_every_model(task: str, model: str) -> None:
    experiment = build_experiment(plain_config(f"task={task}", f"model={model}"))
    batch = experiment.task.sample(3, generator(0, "train_data"))
    network: Any = experiment.build_network()
    network.reset_parameters(generator(0, "weights"))
    outputs = network(batch.inputs.float(), batch.lengths)
    steps = [100] if experiment.task.kind == "seq2seq" else []
    assert list(outputs.shape) == list(batch.targets.shape) == [3, *steps, experiment.task.output_size]
    assert outputs.isfinite().all()
    assert experiment.title == f"{task} · {model}"


@pytest.mark.parametrize("task", names("task"))
def test_a_task_is_called_as_its_file_and_its_probes_as_theirs(task: str) -> None:
    plain = plain_config(f"task={task}")
    assert plain["task"]["name"] == plain["names"]["task"] == task
    assert set(plain["task"]["probes"]) <= set(names("probe"))
    assert list(build_experiment(plain).probes) == list(plain["task"]["probes"])


def test_every_probe_is_put_to_some_task() -> None:
    put = {probe for task in names("task") for probe in plain_config(f"task={task}")["task"]["probes"]}
    assert put == set(names("probe"))


def test_every_preset_is_in_the_table() -> None:
    assert sorted(PRESETS) == names("experiment")


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_states_its_posts_settings(preset: str) -> None:
    plain = plain_config(f"experiment={preset}")
    assert settings(plain) == PRESETS[preset]
    named = {"task": preset.rpartition("/")[2], "model": "lstm", "preset": preset, "overrides": "", "sweep": None}
    assert plain["names"] == named
    assert plain["seeds"] == 5
    assert build_experiment(plain).trainer.max_steps == PRESETS[preset]["max_steps"]


@pytest.mark.parametrize("order", [1, -1])
def test_the_command_line_wins_over_a_preset(order: int) -> None:
    overrides = ["experiment=post0/sine", "model=gru", "trainer.max_steps=7"][::order]
    plain = plain_config(*overrides)
    assert plain["names"]["model"] == "gru"
    assert plain["model"]["cell"]["_target_"] == "seqprobe.models.gru.GRU"
    assert (plain["model"]["hidden_size"], plain["model"]["readout"]) == (8, "recurrent")
    assert (plain["optimizer"]["lr"], plain["trainer"]["max_steps"]) == (1.0, 7)


def test_a_preset_wins_over_its_task() -> None:
    assert plain_config("task=sine")["trainer"]["max_steps"] == 1000
    assert plain_config("experiment=post0/sine", "task=hill_y")["names"]["task"] == "hill_y"
    assert plain_config("experiment=post0/sine", "task=hill_y")["trainer"]["max_steps"] == 1500


@pytest.mark.parametrize("optimizer", names("optimizer"))
def test_every_optimizer_takes_parameters(optimizer: str) -> None:
    plain = plain_config(f"optimizer={optimizer}", "optimizer.lr=0.25")
    built = build_experiment(plain).optimizer([torch.nn.Parameter(torch.zeros(2, 3))])
    assert [group["lr"] for group in built.param_groups] == [0.25]


def test_the_embedded_store_is_the_folder_that_tracking_names(tmp_path: Path) -> None:
    store = build_store(plain_config(f"tracking.dir={tmp_path}/runs"))
    assert isinstance(store, EmbeddedStore)
    assert store.database == tmp_path / "runs" / "mlflow.db"
    assert list(tmp_path.iterdir()) == []


class Healthy(BaseHTTPRequestHandler):
    """Answers as an MLflow server that is up."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def test_a_server_is_asked_whether_it_is_there() -> None:
    with HTTPServer(("127.0.0.1", 0), Healthy) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        uri = f"http://127.0.0.1:{server.server_port}"
        assert build_store(plain_config("tracking=server", f"tracking.uri={uri}")).uri == uri
        server.shutdown()


def test_where_runs_go_does_not_depend_on_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert plain_config()["tracking"]["dir"] == str(ROOT / "mlruns")


def test_the_sweep_is_every_task_with_the_default_models() -> None:
    plain = plain_config("sweep=post0")
    assert plain["names"]["task"] == "sine"  # a single run of it is the default
    text = (CONF / "sweep" / "post0.yaml").read_text()
    assert {task for task in names("task") if task in text} == set(names("task"))
    assert "model: rnn,lstm,gru" in text


@pytest.mark.parametrize("path", YAMLS, ids=str)
def test_a_yaml_opens_with_what_it_is_for(path: Path) -> None:
    lines = (CONF / path).read_text().splitlines()
    first = lines[1] if lines[0].startswith("# @package") else lines[0]
    assert first.startswith("# ")
    assert len(first.split()) >= 4


@pytest.mark.parametrize(
    ("override", "seeds"),
    [("8", list(range(8))), ("1", [0]), ("[3,7]", [3, 7]), ("[7,3]", [7, 3]), ("[0]", [0]), ("'[4, 5]'", None)],
)
def test_seeds_are_a_count_or_a_list(override: str, seeds: list[int] | None) -> None:
    value = plain_config(f"seeds={override}")["seeds"]
    if seeds is None:  # quoted, it is text
        with pytest.raises(InvalidValue, match="must be a count"):
            parse_seeds(value)
    else:
        assert parse_seeds(value) == seeds


def test_building_changes_no_global_randomness() -> None:
    plain = plain_config("task=amplitude")
    before = torch.get_rng_state()
    build_experiment(plain)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_config_that_fits_passes_the_check_and_writes_nothing(tmp_path: Path) -> None:
    check(plain_config(f"tracking.dir={tmp_path}/store"))
    assert list(tmp_path.iterdir()) == []
