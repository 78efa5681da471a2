"""Train and compare from Python: `seqprobe.train` and `seqprobe.compare`."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seqprobe.checks import InvalidValue, user_path
from seqprobe.commands.api import check_store, is_texts
from seqprobe.commands.train import check_delivered, opening_line, run_with_progress
from seqprobe.commands.training_result import Result
from seqprobe.config.compose import quote_override
from seqprobe.config.object_nodes import model_overrides, probe_overrides, task_overrides
from seqprobe.interrupts import refused_exits
from seqprobe.run.exit_codes import RESUME
from seqprobe.run.python_call import composed_here
from seqprobe.run.request import build_request
from seqprobe.seeds import parse_seeds


def train(
    task: Any = None,
    model: Any = None,
    seeds: int | Sequence[int] | None = None,
    overrides: Sequence[str] = (),
    config_dir: str | Path | None = None,
    probes: Mapping[str, Any] | None = None,
    store: str | Path | None = None,
) -> Result:
    """Train, probe and record a population as ``pipelines/train.py`` does.

    What is finished is not trained again, and what was interrupted, as by a notebook's *interrupt*, is resumed by the
    same call. Settings of MLflow stay as they are.

    Args:
        task: a name of ``conf/task/``; or a `Task` or a class of tasks of your own, as a notebook defines it.
        model: a name of ``conf/model/``; or a class of cells (`Cell`) or of networks (`torch.nn.Module`).
        seeds: a count (8 means 0…7) or a list of seeds.
        overrides: as on the command line, such as ``"optimizer.lr=0.01"``; also ``"experiment=post0/sine"``.
        config_dir: a folder of your own with further config files and modules.
        probes: probes to run besides the task's, by the names that they get: a name of ``conf/probe/``, a `Probe` or a
            class of probes.
        store: a folder for an embedded store, or a server's address; None: the store of `make sweep`.

    Raises:
        InvalidValue: something does not fit, or an object's source cannot be recorded; nothing is written.
        JobFailed: the store was unavailable at the end, or code of your own ends the process.
    """
    stated = [] if task is None else task_overrides(task)
    stated += [] if model is None else model_overrides(model)
    stated += [] if seeds is None else [f"seeds={plain_seeds(seeds)}"]
    if not is_texts(overrides):
        raise InvalidValue("overrides", overrides, 'must be a list of texts: ["optimizer.lr=0.01"]')
    stated += [*store_overrides(store), *overrides, *probe_overrides(probes or {})]
    composition = composed_here(stated, None if config_dir is None else user_path("config_dir", config_dir))
    if not all(isinstance(part, str | None) for part in (task, model, *(probes or {}).values())):
        composition = dataclasses.replace(composition, overrides=())  # no command line could name these objects
    with refused_exits():
        request = build_request(composition)
        print(opening_line(request), file=sys.stderr)
        try:
            outcome = run_with_progress(request)
        except KeyboardInterrupt:
            print(RESUME.replace("command", "call"), file=sys.stderr)
            raise
    check_delivered(request, outcome)
    return Result(request.name, outcome.line(), outcome.run_id, request.store, request.composition)


def plain_seeds(seeds: Any) -> Any:
    """A count of seeds or a list of them, with Python's numbers in place of NumPy's.

    Raises:
        InvalidValue: they are text.
    """
    if isinstance(seeds, str):
        parse_seeds(seeds)
    if not isinstance(seeds, Iterable):
        return seeds
    return [seed.item() if isinstance(seed, np.generic) else seed for seed in seeds]


def store_overrides(store: str | Path | None) -> list[str]:
    """The overrides that choose a store."""
    if store is None:
        return []
    check_store(store)
    if str(store).startswith(("http://", "https://")):
        return ["tracking=server", f"tracking.uri={store}"]
    return [f"tracking.dir={quote_override(str(Path(store).resolve()))}"]
