"""What a composed config is run by: pipelines/train.py alone, and Hydra's launchers for each job of a multirun."""

from __future__ import annotations

from omegaconf import DictConfig


def train(config: DictConfig) -> float:
    """Train, probe and record; the median over seeds of val/loss, for a sweeper to minimise."""
    from seqprobe.config.build import resolved
    from seqprobe.run.population import run_population
    from seqprobe.run.progress import bar

    plain = resolved(config)
    with bar(f"{plain['names']['task']} · {plain['names']['model']}", plain["trainer"]["max_steps"]) as progress:
        outcome = run_population(plain, progress)
    print(outcome.summary)
    return outcome.objective
