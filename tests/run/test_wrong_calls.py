"""A wrong call costs one line, which names the key, the value and what is allowed, and leaves no run behind."""

from __future__ import annotations

import os
import shlex
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import torch
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from scripts import ROOT, run_script

OPTIMIZERS = "SGD, Adam, AdamW, NAdam, RAdam, Adamax, Adagrad, Adadelta, RMSprop, Rprop, ASGD"
TASKS = "amplitude, hill_xy, hill_y, inverse_fixed, inverse_variable, line_xy, remember, rooms, sentence, sine"
MODELS = "bilstm, counter, gru, lstm, lstm2, lstm_graves, lstm_peephole, mlp, relu_rnn, rnn, turnstile_machine"
PRESETS = "post0/amplitude, post0/hill_xy, post0/hill_y, post0/line_xy, post0/sine, post0/slope_intercept, post1/"
ROOT_KEYS = "task, model, optimizer, scheduler, loss, trainer, tracking, seeds, engine, threads, rerun, trust, names"
TRAINER_KEYS = "max_steps, val_every, log_every, reshuffle, gradient_clip, accelerator, precision"
MODEL_KEYS = "cell, hidden_size, num_layers, readout, init, init_scale, dropout, truncation, forget_bias"
SEEDS = "must be a count (8 means 0…7) or a list of seeds ([3,7])"

# The call (TMP is a fresh folder, PORT one that nobody listens at), the key with its value, what is allowed.
CHOICES = [
    ("task=foo", "task=foo", TASKS),
    ("model=foo", "model=foo", MODELS),
    ("model=3", "model=3", MODELS),
    ("task=../sine", "task=../sine", TASKS),
    ("optimizer=foo", "optimizer=foo", "adagrad, adam, adamw, nadam, radam, rmsprop, sgd"),
    ("loss=foo", "loss=foo", "cross_entropy, huber, mae, quantile"),
    ("scheduler=foo", "scheduler=foo", "constant, cosine, exponential, linear, multi_step, one_cycle"),
    ("experiment=foo", "experiment=foo", PRESETS),
    ("experiment=post0/foo", "experiment=post0/foo", PRESETS),
    ("+probe@task.probes.x=foo", "probe@task.probes.x=foo", "frequency, gradient, grid, held_out, lag"),
    (
        "+probe@task.probes=lag",
        "task.probes=seqprobe.probes.lag.Lag",
        "+probe@task.probes.NAME=",
    ),
    ("engine=warp", "engine=warp", "auto, stacked, looped"),
    ("trainer.precision=8", "trainer.precision=8", "32-true, 64-true"),
    ("trainer.accelerator=tpu", "trainer.accelerator=tpu", "auto, cpu, gpu, cuda, mps"),
    ("model.cell=null", "model.cell=null", "a cell's config, or a list of one for each layer"),
    ("'model.cell=[]'", "model.cell=[]", "write it in a YAML file of your own"),
    ("model._partial_=maybe", "model._partial_=maybe", "must be one of true, false"),
    ("+model._convert_=bogus", "model._convert_=bogus", "must be one of none, partial, object, all"),
    ("names=x", "names=x", "set one by names.KEY=VALUE"),
    ("~seeds", "seeds=null", "cannot be removed"),
    ("~names", "names=null", "cannot be removed"),
    (
        "'scheduler={_target_: torch.optim.lr_scheduler.SequentialLR, milestones: [], "
        "schedulers: [{_target_: torch.optim.lr_scheduler.ConstantLR}]}'",
        "scheduler.schedulers[0]=torch.optim.lr_scheduler.ConstantLR()",
        "required positional argument: 'optimizer'",
    ),
    ("model.readout=foo", "model.readout=foo", "linear, recurrent"),
    ("model.init=foo", "model.init=foo", "torch, keras, identity, uniform"),
]
KEYS = [
    ("+scheduler.warmup=0.1", "scheduler.warmup=0.1", "no scheduler is chosen; choose scheduler=constant, cosine"),
    ("+loss.delta=1", "loss.delta=1", "no loss is chosen; choose loss=cross_entropy, huber"),
    ("scheduler=cosine +scheduler.warmup=0.1", "scheduler.warmup=0.1", "allowed here: T_max, eta_min"),
    ("foo=bar", "foo=bar", ROOT_KEYS),
    ("+foo=bar", "foo=bar", ROOT_KEYS),
    ("model.foo=3", "model.foo=3", MODEL_KEYS),
    ("+model.foo=3", "model.foo=3", "cell, hidden_size, num_layers, readout, init, init_scale, forget_bias, dropout"),
    (
        "task.foo=3",
        "task.foo=3",
        "features, points, settle_after, train_size, val_size, batch_size, probes, name, curve",
    ),
    ("+task.foo=3", "task.foo=3", "name, curve, features, points, settle_after, spacing, train_size"),
    ("+task.curve.foo=3", "task.curve.foo=3", "amplitude, frequency, phase"),
    ("trainer.foo=3", "trainer.foo=3", TRAINER_KEYS),
    ("+trainer.foo=3", "trainer.foo=3", TRAINER_KEYS),
    ("optimizer.foo=3", "optimizer.foo=3", "lr, weight_decay, fused (+optimizer.foo adds a key)"),
    ("+optimizer.foo=3", "optimizer.foo=3", "lr, betas, eps, weight_decay"),
    ("scheduler=cosine scheduler.foo=3", "scheduler.foo=3", "T_max, eta_min (+scheduler.foo adds a key)"),
    ("+names.foo=3", "names.foo=3", "task, model, preset, overrides, sweep"),
    ("task.probes.foo.values=[1]", "task.probes.foo.values=[1]", "amplitude, phase, frequency, lines"),
    ("+task.probes.amplitude.foo=1", "task.probes.amplitude.foo=1", "curve, vary, values, trained_range, measures"),
    ("+model.input_size=3", "model.input_size=3", "multiple values"),
]
SIZES = [
    ("trainer.max_steps=abc", "trainer.max_steps=abc", "must be an integer"),
    ("trainer.max_steps=1.5", "trainer.max_steps=1.5", "must be an integer"),
    ("trainer.max_steps=null", "trainer.max_steps=null", "must not be null"),
    ("trainer.max_steps=-1", "trainer.max_steps=-1", "an integer >= 0"),
    ("trainer.val_every=0", "trainer.val_every=0", "an integer >= 1"),
    ("trainer.gradient_clip=-1", "trainer.gradient_clip=-1", "must be > 0, or null"),
    ("model.hidden_size=abc", "model.hidden_size=abc", "an integer >= 1"),
    ("model.hidden_size=-3", "model.hidden_size=-3", "an integer >= 1"),
    ("model.dropout=1", "model.dropout=1", "must be in 0 … 1, less than 1"),
    ("model.dropout=0.1 engine=stacked", "engine=stacked", "draws at random in training"),
    ("model.truncation=0", "model.truncation=0", "an integer >= 1"),
    ("model=bilstm model.readout=recurrent", "model.readout=recurrent", "must be linear"),
    ("model.num_layers=0", "model.num_layers=0", ">= 1 with readout=linear"),
    ("model=rnn +model.forget_bias=1", "model.forget_bias=1", "no forget gate; must be null"),
    ("optimizer.lr=abc", "optimizer.lr=abc", "a finite number"),
    ("optimizer.lr=nan", "optimizer.lr=nan", "a finite number"),
    ("optimizer.lr=-1", "optimizer.lr=-1", "must be > 0"),
    ("optimizer=sgd optimizer.momentum=-1", "optimizer.momentum=-1", "Invalid momentum"),
    ("scheduler=step scheduler.gamma=-1", "scheduler=StepLR", "gives update 251 the learning rate -0.01"),
    ("scheduler=linear scheduler.total_iters=-1", "scheduler.total_iters=-1", "an integer >= 1"),
    ("scheduler=warmup scheduler.total_iters=0", "scheduler.total_iters=0", "an integer >= 1"),
    ("scheduler=warmup_cosine scheduler.warmup=2", "scheduler.warmup=2", "must be in 0 … 1"),
    ("task.batch_size=0", "task.batch_size=0", "an integer >= 1"),
    ("task.train_size=-1", "task.train_size=-1", "an integer >= 1"),
    ("task.points=1", "task.points=1", "an integer >= 2"),
    ("task.curve.amplitude=[0.5,0.1]", "task.curve.amplitude=[0.5,0.1]", "[low, high] with low <= high"),
    ("threads=0", "threads=0", "an integer >= 1"),
    ("threads=100000", "threads=100000", "in 1 … 1024"),  # far more threads than this end the process
    ("seeds=[]", "seeds=[]", "must not be empty"),
    ("seeds=[1,1]", "seeds=[1,1]", "must not have duplicates"),
    ("seeds=abc", "seeds=abc", SEEDS),
    ("seeds=1.5", "seeds=1.5", SEEDS),
    ("seeds=-1", "seeds=-1", "an integer >= 1"),
    ("seeds=0", "seeds=0", "an integer >= 1"),
    ("seeds=1000000000000000000000", "seeds=1000000000000000000000", "in 1 … 100000"),
    ("seeds=100000000", "seeds=100000000", "in 1 … 100000"),
    ("model.forget_bias=1e300", "model.forget_bias=1e+300", "must be a number in -1e+30 … 1e+30"),
    ("model.num_layers=100000", "model.num_layers=100000", "in 0 … 1000"),
    ("'optimizer.fused={a: 1}'", "optimizer.fused={…}", "must be true, false or null"),
    ("'+optimizer.betas=[0.9,2]'", "optimizer=torch.optim.Adam", "Invalid beta parameter"),
]
NAMES = [
    ("task.name=null", "task.name=null", "must be text of letters"),
    ("task.name=../../x", "task.name=../../x", "must be text of letters"),
    ("task.name=comparison", "task.name=comparison", "must not be one of bench, comparison, reproduce"),
    ("names.sweep=/etc/x", "names.sweep=/etc/x", "must be text of letters"),
    ("'+task.probes={3: {_target_: seqprobe.probes.gradient.Gradient}}'", "task.probes=3", "must be text of letters"),
    ("'tracking.dir=\"~nobody99/x\"'", "tracking.dir=~nobody99/x", "there is no such home folder"),
    ("tracking.dir=''", "tracking.dir=", "must be a path"),
    ("'model=[1]'", "model=[1]", MODELS),
    ("trust=maybe", "trust=maybe", "must be true or false"),
]
PROBES = [
    ("task=amplitude +probe@task.probes.x=amplitude", "task.probes.x._target_=ReproductionProbe", "a curve task"),
    ("+probe@task.probes.x=extrapolated_slopes", "task.probes.x._target_=ParameterProbe", "a parameter task"),
    ("task.probes.amplitude.values=[]", "task.probes.amplitude.values=[]", "one or more values"),
    ("task.probes.amplitude.measures=[foo]", "task.probes.amplitude.measures=", "rmse, rmse_settled, rmse_best_lag"),
]
TARGETS = [
    ("optimizer._target_=torch.optim.LBFGS", "optimizer._target_=torch.optim.LBFGS", OPTIMIZERS),
    (
        "optimizer._target_=torch.optim.Muon",
        "optimizer._target_=torch.optim.Muon",
        "must update every weight on its own",
    ),
    (
        "+scheduler._target_=torch.optim.Adam",
        "scheduler._target_=torch.optim.Adam",
        "is code outside torch.optim.lr_scheduler",
    ),
    ("loss=mae +loss.reduction=mean", "loss.reduction=mean", "must be none"),
    ("loss=mae +loss.size_average=true", "loss.size_average=true", "must be null"),
    ("loss=cross_entropy", "loss=CrossEntropyLoss", "is a loss of classes, and this task's targets are numbers"),
    ("loss=mae loss._target_=os.system", "loss._target_=os.system", "is code outside torch.nn"),
    ("task._target_=nothing.here", "task._target_=nothing.here", "cannot be imported: No module named 'nothing'"),
    (
        "task._target_=torch.nn.Linear",
        "task._target_=torch.nn.Linear",
        "is code outside seqprobe.tasks and --config-dir",
    ),
    ("task.curve._target_=seqprobe.Nope", "task.curve._target_=seqprobe.Nope", "is code outside seqprobe.tasks"),
    ("task.curve._target_=seqprobe.tasks.Nope", "task.curve._target_=seqprobe.tasks.Nope", "no attribute 'Nope'"),
    ("tracking._target_=torch.nn.Linear", "tracking._target_=torch.nn.Linear", "is code outside seqprobe.tracking"),
]
STORES = [
    ("tracking.dir=TMP/file/below", "tracking.dir=TMP/file/below", "must be a folder that can be written: TMP/file"),
    ("tracking.dir=TMP/foreign", "tracking.dir=TMP/foreign", "must hold an MLflow store"),
    ("tracking.dir=TMP/text", "tracking.dir=TMP/text", "must hold an MLflow store"),
    ("tracking=server", "tracking.uri", "is required: set tracking.uri=…"),
    ("tracking=server tracking.uri=ftp://x", "tracking.uri=ftp://x", "the http(s) address of an MLflow server"),
    ("tracking=server tracking.uri=http://127.0.0.1:PORT", "tracking.uri=http://127.0.0.1:PORT", "no MLflow server"),
]
SYNTAX = [
    ("'seeds=[1,'", "seeds=[1,", "write key=value, and quote lists: 'seeds=[3,7]'"),
    ("seeds", "seeds", "write key=value"),
    ("model=rnn,lstm", "model=rnn,lstm", "several values need -m (or --multirun)"),
    ("'threads=${foo}'", "threads=${foo}", "Interpolation key 'foo' not found"),
    ("--config-dir TMP/nowhere", "--config-dir=TMP/nowhere", "there is no such folder"),
    ("--foo", "--foo", "--help explains"),
    ("sweep=post0", "sweep=post0", "use pipelines/sweep.py, or -m"),
    ("--cfg foo", "--cfg", "'job', 'hydra', 'all'"),
]
TRAIN = [*CHOICES, *KEYS, *SIZES, *NAMES, *PROBES, *TARGETS, *STORES, *SYNTAX]
if not torch.cuda.is_available():
    TRAIN.append(("trainer.accelerator=cuda", "trainer.accelerator=cuda", "use auto or cpu"))
SWEEP = [
    ("task=hill_y model.hidden_size=-1", "model.hidden_size=-1", "an integer >= 1"),
    ("task=hill_y model=rnn model.hidden_size=4,-1", "model.hidden_size=-1", "an integer >= 1"),
    ("task=hill_y,foo model=rnn", "task=foo", TASKS),
    ("task=hill_y model.foo=3", "model.foo=3", "hidden_size, num_layers"),
    ("task=hill_y model=rnn hydra.launcher.jobs=0", "hydra.launcher.jobs=0", "an integer >= 1"),
    ("task=hill_y 'model=glob(*)'", "model=glob(*)", "must be a list of values or a range"),
    (
        "task=hill_y 'task.points=range(2,1102)' 'model.hidden_size=range(1,1101)'",
        "model.hidden_size=range(1,1101)",
        "makes more than 1000000 runs of one command",
    ),
    ("task=hill_y hydra/launcher=foo", "hydra/launcher=foo", "basic, processes, ray, slurm"),
]


@pytest.fixture
def places(tmp_path: Path) -> Iterator[dict[str, str]]:
    """What TMP and PORT stand for: a folder with things that are no MLflow store, a port where nobody listens."""
    (tmp_path / "file").write_text("not a folder")
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "mlflow.db").write_text("not a database" * 100)
    (tmp_path / "foreign").mkdir()
    with closing(sqlite3.connect(tmp_path / "foreign" / "mlflow.db")) as connection:
        connection.execute("create table notes (note)")
        connection.commit()
    with socket.socket() as bound:  # bound but not listening: nobody else gets the port meanwhile
        bound.bind(("127.0.0.1", 0))
        yield {"TMP": str(tmp_path), "PORT": str(bound.getsockname()[1])}


@pytest.fixture(autouse=True)
def _hydra_as_before() -> Iterator[None]:
    yield
    GlobalHydra.instance().clear()
    HydraConfig.instance().cfg = None


def filled(text: str, places: dict[str, str]) -> str:
    for name, value in places.items():
        text = text.replace(name, value)
    return text


def arguments(call: str, places: dict[str, str]) -> list[str]:
    """The call, with a store in the fresh folder and a task that composes fast wherever it names none itself."""
    given = shlex.split(filled(call, places))
    task = [] if "task" in call else ["task=hill_y"]
    return [*given, *task, *([] if "tracking." in call else [f"tracking.dir={places['TMP']}/store"])]


def runs_in(folder: Path) -> int:
    """How many runs the store in ``folder`` has, if it is there."""
    if not (folder / "mlflow.db").exists():
        return 0
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        return int(connection.execute("select count(*) from runs").fetchone()[0])


def assert_one_line(said: str, named: str, allowed: str) -> None:
    lines = [line for line in said.splitlines() if line.strip()]
    assert len(lines) == 1, said
    assert lines[0].startswith("error: ")
    assert named in lines[0]
    assert allowed in lines[0].partition(named)[2]


@pytest.mark.parametrize(("call", "named", "allowed"), TRAIN, ids=[call for call, *_ in TRAIN])
def test_train_refuses(
    call: str, named: str, allowed: str, places: dict[str, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run_script("train", arguments(call, places)) == 2
    out, said = capfd.readouterr()
    assert_one_line(said, filled(named, places), filled(allowed, places))
    assert out == ""
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(("call", "named", "allowed"), SWEEP, ids=[call for call, *_ in SWEEP])
def test_sweep_refuses_before_anything_trains(
    call: str, named: str, allowed: str, places: dict[str, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run_script("sweep", arguments(call, places)) == 2
    out, said = capfd.readouterr()
    assert_one_line(said, named, allowed)
    assert out == ""
    assert runs_in(tmp_path / "store") == 0


@pytest.mark.parametrize("script", ["bench", "compare", "deliver", "example", "probe", "reproduce"])
def test_only_trainings_have_a_multirun(script: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run_script(script, ["-m", f"tracking.dir={tmp_path}/store"]) == 2
    assert capfd.readouterr() == ("", "error: -m (--multirun): is for pipelines/train.py alone\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("call", ["trainer.max_steps=abc", "'seeds=[1,'", "model.hidden_size=-3"])
def test_a_process_says_one_line_and_writes_nothing(call: str, places: dict[str, str], tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    command = [sys.executable, str(ROOT / "pipelines" / "train.py"), *arguments(call, places)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert_one_line(ended.stderr, *shlex.split(call), "")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("call", ["task=foo", "model.hidden_size=-3"])
def test_the_traceback_is_shown_when_asked_for(
    call: str, places: dict[str, str], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    assert run_script("train", arguments(call, places)) == 2
    said = capfd.readouterr().err.splitlines()
    assert said[0] == "Traceback (most recent call last):"
    assert said[-1].startswith(f"error: {call}: must be ")


def test_a_module_of_the_users_own_that_cannot_be_imported(
    places: dict[str, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine" / "task").mkdir(parents=True)
    (tmp_path / "mine" / "task" / "broken.yaml").write_text(
        "# @package _global_\ntask: {_target_: broken_task.Task, name: broken}\n"
    )
    (tmp_path / "mine" / "broken_task.py").write_text("raise RuntimeError('two\\nlines')\n")
    assert run_script("train", arguments("--config-dir TMP/mine task=broken", places)) == 2
    assert_one_line(capfd.readouterr().err, "task._target_=broken_task.Task", "cannot be imported: two lines")


@pytest.mark.parametrize(
    ("text", "named", "allowed"),
    [
        ("defaults: [endless]", "--config-dir", "a file includes itself"),
        ("task: &node {_target_: x, node: *node}", "--config-dir", "a file includes itself"),
        ("defaults: 5", "--config-dir", "defaults must be a list"),
    ],
)
def test_a_config_of_the_users_own_that_cannot_be_composed(
    text: str, named: str, allowed: str, places: dict[str, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine" / "task").mkdir(parents=True)
    (tmp_path / "mine" / "task" / "endless.yaml").write_text(f"# @package _global_\n{text}\n")
    assert run_script("train", arguments("--config-dir TMP/mine task=endless", places)) == 2
    assert_one_line(capfd.readouterr().err, named, allowed)


def test_a_pipe_in_place_of_a_config(places: dict[str, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine" / "task").mkdir(parents=True)
    os.mkfifo(tmp_path / "mine" / "task" / "pipe.yaml")
    assert run_script("train", arguments("--config-dir TMP/mine task=pipe", places)) == 2
    assert_one_line(capfd.readouterr().err, f"--config-dir={tmp_path}/mine/task/pipe.yaml", "must be a file")


LOSS = """
from torch import nn
from seqprobe.batch import Batch
from seqprobe.probes import Probe
from seqprobe.tasks.remember import Remember

class Mine(Remember):
    def __init__(self, loss="huber"):
        super().__init__(name="mine", symbols=3, distractors=2, lag=2)
        self.loss = loss

class Bare(Remember):
    def __init__(self):
        self.name = "bare"

class Leaving(Remember):
    def __init__(self):
        raise SystemExit(0)

class Panic(BaseException):
    pass

class Panicking(Remember):
    def __init__(self):
        raise Panic("two\\nlines")

class Right(Remember):
    def __init__(self):
        super().__init__(name="right", symbols=3, distractors=2, lag=2)

class Flat(Right):
    def sample(self, n, generator):
        batch = super().sample(n, generator)
        return Batch(batch.inputs[..., 0], batch.targets, batch.lengths)

class Every(nn.Module):
    def __init__(self, input_size, output_size, kind, max_length):
        super().__init__()
        self.map = nn.Linear(input_size, output_size)

    def forward(self, inputs, lengths):
        return self.map(inputs)

class Nothing(Probe):
    def run(self, members, task, seeds):
        return None
"""


@pytest.mark.parametrize(
    ("name", "named", "allowed"),
    [
        ("Mine", "task.loss=huber", "must be one of mse, cross_entropy"),
        ("Bare", "task.kind=null", "is missing: Bare.__init__ sets it by super().__init__"),
        ("Leaving", "task._target_=stating_task.Leaving", "its code ends the process"),
        ("Flat", "task right: sample gave inputs (32, 3)", "expected (n, time, features) = (32, 3, 5)"),
        (
            "Right model=mine",
            "model Every: forward gave (4, 3, 3)",
            "expected (batch, output_size) = (4, 3)",
        ),
        (
            "Right '+task.probes.mine={_target_: stating_task.Nothing}'",
            "probe mine: run gave None",
            "expected a seqprobe",
        ),
    ],
)
def test_code_of_the_users_own_that_states_or_returns_nonsense(
    name: str, named: str, allowed: str, places: dict[str, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine" / "task").mkdir(parents=True)
    (tmp_path / "mine" / "stating_task.py").write_text(LOSS)
    task, _, further = name.partition(" ")
    text = f"# @package _global_\ntask: {{_target_: stating_task.{task}}}\n"
    (tmp_path / "mine" / "task" / "stating.yaml").write_text(text)
    (tmp_path / "mine" / "model").mkdir()
    (tmp_path / "mine" / "model" / "mine.yaml").write_text("_target_: stating_task.Every\n_partial_: true\n")
    assert run_script("train", arguments(f"--config-dir TMP/mine task=stating {further}", places)) == 2
    assert_one_line(capfd.readouterr().err, named, allowed)
    assert not (tmp_path / "store").exists()


def test_an_error_of_the_users_own_that_is_no_exception(
    places: dict[str, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine" / "task").mkdir(parents=True)
    (tmp_path / "mine" / "stating_task.py").write_text(LOSS)
    text = "# @package _global_\ntask: {_target_: stating_task.Panicking}\n"
    (tmp_path / "mine" / "task" / "panicking.yaml").write_text(text)
    assert run_script("train", arguments("--config-dir TMP/mine task=panicking", places)) == 1
    assert_one_line(capfd.readouterr().err, "stating_task.py, line", "Panic: two lines")
