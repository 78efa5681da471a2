"""What a composed config is run by: pipelines/train.py alone, and Hydra's launchers for each job of a multirun."""

from __future__ import annotations

from omegaconf import DictConfig

from seqprobe.run.failure import JobFailed


def train(config: DictConfig) -> float:
    """Train, probe and record; the median over seeds of val/loss, for a sweeper to minimise."""
    from seqprobe.config.plain import build_store, resolved
    from seqprobe.run.job import run_population
    from seqprobe.run.messages import told_undelivered
    from seqprobe.run.progress import bar
    from seqprobe.run.recovery import recover
    from seqprobe.run.workspace import work_folder

    plain = resolved(config)
    name = f"{plain['names']['task']} · {plain['names']['model']}"
    with bar(name, plain["trainer"]["max_steps"]) as (progress, notice):
        recover(build_store(plain), work_folder(plain), notice)
        outcome = run_population(plain, progress, notice)
    print(outcome.summary)
    if outcome.undelivered is not None:
        raise JobFailed(told_undelivered([outcome.undelivered], plain["tracking"]))
    return outcome.objective
