"""The engine of a training, chosen in a fork of this process while it imports MLflow and opens its runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from seqprobe.learning.experiment import Experiment
from seqprobe.models.compiled.code_folder import use_code_folder
from seqprobe.run.request import Request
from seqprobe.run.tuning import configure_process
from seqprobe.tracking.forked_call import forked_call, has_spare_core
from seqprobe.user_calls import is_users_class

EngineChoice = Callable[[], str | None]
"""Waits for the name of an engine; None if none was chosen."""
LARGEST = 2**26
"""Most bytes that a population holds, 64 MiB, for its data to be drawn in the fork as well."""


def no_choice() -> None:
    """No engine was chosen."""


@contextmanager
def early_choice(request: Request) -> Iterator[EngineChoice]:
    """Time a training's engines during the block, and compile its code, where a core is free for that."""
    if not is_chosen_early(request):
        yield no_choice
        return
    with forked_call(partial(chosen_engine, request)) as wait:
        yield wait


def is_chosen_early(request: Request) -> bool:
    """Whether a training is new, as far as its folder tells, and has no code of the user's own, which may do anything.

    What an interrupted attempt has chosen is in its folder.
    """
    config, experiment = request.composition.config, request.experiment
    if experiment.engine != "auto" or request.workspace.folder.exists() or not has_spare_core(config["threads"]):
        return False
    return not any(map(is_users_class, [experiment.task, *experiment.build_network().modules()]))


def chosen_engine(request: Request) -> str | None:
    """What the fork does: choose the engine as the training itself would; None on a GPU, which no fork can use."""
    # These import Lightning, which this process would wait for.
    from seqprobe.learning.lightning_trainer import training_device
    from seqprobe.learning.memory import bytes_held
    from seqprobe.learning.plan import make_plan

    configure_process(request.composition.config["threads"])
    use_code_folder(request.workspace.work)
    experiment = request.experiment
    device = training_device(experiment.trainer)
    held = len(experiment.seeds) * bytes_held(experiment.task, experiment.build_network(), experiment.dtype)
    if device.type != "cpu" or held > LARGEST:
        return None
    return make_plan(experiment, {}, device)[0].engine


def with_engine(experiment: Experiment, engine: str | None) -> Experiment:
    """The experiment with the engine that was chosen for it, if one was."""
    return experiment if engine is None else dataclasses.replace(experiment, engine=engine)
