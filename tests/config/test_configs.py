"""Every YAML composes, builds and says what it is for; presets state exactly their post's settings."""

from __future__ import annotations

import itertools
import re
from functools import reduce
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import torch
from scripts import ROOT

from seqprobe.checks import InvalidValue
from seqprobe.config.build import build_experiment, build_store
from seqprobe.config.compose import plain_config
from seqprobe.seeds import generator, parse_seeds
from seqprobe.tracking.stores.embedded import EmbeddedStore

CONF = ROOT / "conf"
# The help is a text of its own.
YAMLS = sorted(path.relative_to(CONF) for path in CONF.rglob("*.yaml") if path.parent.name != "help")

SEQ2VEC = ("NameParameters", "Inverse", "Remember")
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
        **DENSE,
        "points": 100,
        "train_size": 50,
        "val_size": 99,
        "batch_size": 16,
        "max_steps": 300,
    },
    "post0/slope_intercept": {
        **DENSE,
        "points": 100,
        "train_size": 400,
        "val_size": 100,
        "batch_size": 16,
        "max_steps": 750,
        "forget_bias": 3,
    },
}


INVERSE = {
    "names.task": "inverse_fixed",
    "optimizer._target_": "torch.optim.SGD",
    "trainer.reshuffle": False,
    "task.train_size": 35_000,
    "task.val_size": 3_000,
    "task.noise": 0.1,
}
TANH = {
    **INVERSE,
    "names.model": "rnn",
    "model.hidden_size": 26,
    "task.batch_size": 20,
    "optimizer.lr": 0.02,
    "trainer.max_steps": 17_500,
    "trainer.val_every": 18,
}
GRAVES = {
    **INVERSE,
    "names.model": "lstm_graves",
    "model.hidden_size": 16,
    "task.batch_size": 32,
    "optimizer.lr": 0.2,
    "trainer.max_steps": 5_469,
    "trainer.val_every": 8,
    "model.init": "uniform",
    "model.init_scale": 0.02,
    "task.lengths": [3],
}
VARIABLE = {
    **GRAVES,
    "names.task": "inverse_variable",
    "task.batch_size": 16,
    "optimizer.lr": 0.1,
    "trainer.max_steps": 26_250,
    "trainer.val_every": 219,
    "task.lengths": [2, 3, 4],
}
MLP = {
    **INVERSE,
    "names.model": "mlp",
    "model.hidden_sizes": [152],
    "model.activation": "sigmoid",
    "model.init": "uniform",
    "model.init_scale": 0.1,
    "task.batch_size": 20,
    "optimizer.lr": 0.05,
    "trainer.max_steps": 35_000,
}
TURNSTILE = {
    "names.task": "turnstile",
    "names.model": "lstm",
    "model.hidden_size": 8,
    "optimizer.lr": 0.01,
    "trainer.gradient_clip": 1.0,
    "trainer.max_steps": 1000,
    "task.length": 20,
    "task.batch_size": 32,
}
REMEMBER = {"names.task": "remember", "model.hidden_size": 16, "optimizer.lr": 0.005, "trainer.max_steps": 800}
FULL = {"task.train_size": 140_000}
TANH_FULL = {**TANH, **FULL, "trainer.max_steps": 140_000, "trainer.val_every": 175}
GRAVES_FULL = {**GRAVES, **FULL, "trainer.max_steps": 21_875, "trainer.val_every": 109}
MIXED = {"names.task": "inverse_variable", "task.lengths": [2, 3, 4]}
MLP_FULL = {**MLP, **FULL, "trainer.max_steps": 350_000}
OTHERS: dict[str, dict[str, Any]] = {
    "post1/rnn": TANH,
    "post1/rnn_full": TANH_FULL,
    "post1/lstm_graves": GRAVES,
    "post1/lstm_graves_full": GRAVES_FULL,
    "post1/lstm_variable": VARIABLE,
    "post1/lstm_variable_full": {**VARIABLE, **FULL, "trainer.max_steps": 105_000},
    "post1/mlp1": MLP,
    "post1/mlp1_full": MLP_FULL,
    "post1/mlp1_blowup": {**MLP, "optimizer.lr": 0.06},
    "post1/mlp1_blowup_full": {**MLP_FULL, "optimizer.lr": 0.06},
    "post1/mlp2": {**MLP, "model.hidden_sizes": [30, 20]},
    "post1/mlp2_full": {**MLP_FULL, "model.hidden_sizes": [30, 20]},
    "post2/turnstile": TURNSTILE,
    "post2/turnstile_machine": {"names.model": "turnstile_machine", "trainer.max_steps": 0},
    "post2/counter": {"names.model": "counter", "trainer.max_steps": 0},
    "post2/sentence": {
        "names.task": "sentence",
        "model.hidden_size": 32,
        "optimizer.lr": 0.01,
        "trainer.max_steps": 1500,
        "task.train_size": 4000,
        "task.held_out": ["France", "Mary", "ate"],
    },
    "post2/remember": {**REMEMBER, "model.forget_bias": 0},
    "controls/remember_bias1": {**REMEMBER, "model.forget_bias": 1},
    "controls/remember_bias3": {**REMEMBER, "model.forget_bias": 3},
    "controls/dense_readout": {"names.task": "sine", "model.readout": "linear", "model.hidden_size": 8},
    "controls/many_amplitudes": {
        "names.task": "sine",
        "task.curve.amplitude": [0, 0.5],
        "task.curve.frequency": 10,
        "task.train_size": 50,
        "model.readout": "recurrent",
    },
    "controls/line_one_layer": {"names.task": "line_xy", "model.num_layers": 0, "optimizer.lr": 1.0},
    "controls/hill_one_layer": {"names.task": "hill_xy", "model.num_layers": 0, "optimizer.lr": 1.0},
    "controls/slope_forget_bias0": {"names.task": "slope_intercept", "model.forget_bias": 0},
    "controls/slope_forget_bias1": {"names.task": "slope_intercept", "model.forget_bias": 1},
    "controls/rnn_tuned": {**TANH, "optimizer.lr": 0.1, "trainer.val_every": 9},
    "controls/rnn_h44": {**TANH, "optimizer.lr": 0.05, "model.hidden_size": 44},
    "controls/mlp1_further": {**MLP, "optimizer.lr": 0.2, "trainer.max_steps": 3_500},
    "controls/lstm_graves_h9": {**GRAVES, "model.hidden_size": 9},
    "controls/inverse_lstm": {**GRAVES, "names.model": "lstm"},
    "controls/inverse_gru": {**GRAVES, "names.model": "gru"},
    "controls/rnn_tuned_full": {**TANH_FULL, "optimizer.lr": 0.1},
    "controls/rnn_h44_full": {**TANH_FULL, "optimizer.lr": 0.05, "model.hidden_size": 44},
    "controls/rnn_variable": {**TANH, **MIXED},
    "controls/rnn_variable_full": {**TANH_FULL, **MIXED},
    "controls/mlp1_further_full": {**MLP_FULL, "optimizer.lr": 0.2, "trainer.max_steps": 14_000},
    "controls/lstm_tuned": {**GRAVES, "optimizer.lr": 0.4, "trainer.val_every": 4},
    "controls/lstm_tuned_full": {**GRAVES_FULL, "optimizer.lr": 0.4},
    "controls/lstm_graves_h9_full": {**GRAVES_FULL, "model.hidden_size": 9},
    "controls/inverse_lstm_full": {**GRAVES_FULL, "names.model": "lstm"},
    "controls/inverse_gru_full": {**GRAVES_FULL, "names.model": "gru"},
    "controls/remember_rnn": {**REMEMBER, "names.model": "rnn", "model.hidden_size": 34},
    "controls/remember_gru": {**REMEMBER, "names.model": "gru", "model.hidden_size": 19},
    "controls/turnstile_identity": {**TURNSTILE, "names.model": "relu_rnn", "model.init": "identity"},
    "controls/turnstile_any_coins": {**TURNSTILE, "task.coin_probability": [0.1, 0.9]},
}


def names(group: str) -> list[str]:
    """The choices of a group, those in folders below it as well."""
    return sorted(str(path.relative_to(CONF / group).with_suffix("")) for path in (CONF / group).rglob("*.yaml"))


TASKS = [name for name in names("task") if name != "table"]  # which needs a file


def settings(plain: dict[str, Any]) -> dict[str, Any]:
    """What a preset decides, flat."""
    model = {key: plain["model"][key] for key in ("hidden_size", "num_layers", "readout", "init", "forget_bias")}
    task = {key: plain["task"][key] for key in CURVE}
    optimizer = {"optimizer": plain["optimizer"]["_target_"].rpartition(".")[2], "lr": plain["optimizer"]["lr"]}
    trainer = {"max_steps": plain["trainer"]["max_steps"]}
    return {"model": plain["names"]["model"], **model, **task, **optimizer, **trainer}


def suits(task: str, model: str) -> bool:
    """Whether a model can learn a task: a perceptron has one output per sequence, machines are the turnstile's."""
    if model in ("turnstile_machine", "counter"):
        return task in ("turnstile", "line_xy", "hill_xy")  # two numbers in and two out at every step
    return model != "mlp" or plain_config(f"task={task}")["task"]["_target_"].endswith(SEQ2VEC)


@pytest.mark.parametrize(("task", "model"), list(itertools.product(TASKS, names("model"))))
def test_every_task_goes_through_every_model_that_suits_it(task: str, model: str) -> None:
    plain = plain_config(f"task={task}", f"model={model}")
    if not suits(task, model):
        with pytest.raises(InvalidValue, match=r"^model\.(kind|_target_)="):
            build_experiment(plain)
        return
    experiment = build_experiment(plain)
    batch = experiment.task.sample(3, generator(0, "train_data"))
    network: Any = experiment.build_network()
    network.reset_parameters(generator(0, "weights"))
    outputs = network(batch.inputs.float(), batch.lengths)
    steps = [experiment.task.max_length] if experiment.task.kind == "seq2seq" else []
    assert list(outputs.shape) == [3, *steps, experiment.task.output_size]
    assert list(batch.targets.shape) == list(outputs.shape)[: batch.targets.dim()]
    assert outputs.isfinite().all()
    assert experiment.title == f"{task} · {model}"


@pytest.mark.parametrize("task", TASKS)
def test_a_task_is_called_as_its_file_and_its_probes_as_theirs(task: str) -> None:
    plain = plain_config(f"task={task}")
    assert plain["task"]["name"] == plain["names"]["task"] == task
    of_tables = {name.removeprefix("table_") for name in names("probe")}
    assert set(plain["task"]["probes"]) <= {*names("probe"), *of_tables, "map"}  # whichever two parameters it is of
    assert list(build_experiment(plain).probes) == list(plain["task"]["probes"])


def test_every_probe_is_put_to_some_task() -> None:
    texts = [path.read_text() for group in ("task", "experiment") for path in (CONF / group).rglob("*.yaml")]
    put = {name for text in texts for name in re.findall(r"/probe@task\.probes\.\w+: (\w+)", text)}
    assert put == set(names("probe"))


def test_every_preset_is_in_a_table() -> None:
    assert sorted([*PRESETS, *OTHERS]) == names("experiment")


@pytest.mark.parametrize("preset", OTHERS)
def test_a_later_preset_states_its_posts_settings(preset: str) -> None:
    plain = plain_config(f"experiment={preset}")
    found = {key: reduce(lambda node, name: node[name], key.split("."), plain) for key in OTHERS[preset]}
    assert found == OTHERS[preset]
    assert plain["names"]["preset"] == preset
    assert build_experiment(plain).trainer.max_steps == plain["trainer"]["max_steps"]


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_states_its_posts_settings(preset: str) -> None:
    plain = plain_config(f"experiment={preset}")
    assert settings(plain) == PRESETS[preset]
    named = {"task": preset.rpartition("/")[2], "model": "lstm", "preset": preset, "overrides": ""}
    assert plain["names"] == {**named, "sweep": None, "trial": None, "tuned": None}
    assert plain["seeds"] == 5
    assert build_experiment(plain).trainer.max_steps == PRESETS[preset]["max_steps"]


@pytest.mark.parametrize("order", [1, -1])
def test_the_command_line_wins_over_a_preset(order: int) -> None:
    overrides = ["experiment=post0/sine", "model=gru", "trainer.max_steps=7"][::order]
    plain = plain_config(*overrides)
    assert plain["names"]["model"] == "gru"
    assert plain["model"]["cell"]["_target_"] == "seqprobe.models.cells.gru.GRU"
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

    def do_POST(self) -> None:
        self.send_response(200 if self.path == "/api/2.0/mlflow/experiments/search" else 404)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b"{}")

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
    plain = plain_config("sweep=posts")
    assert plain["names"]["task"] == "sine"  # a single run of it is the default
    text = (CONF / "sweep" / "posts.yaml").read_text()
    assert {task for task in TASKS if task in text} == set(TASKS) - {"rooms"}  # which is in no post
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
