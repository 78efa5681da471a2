"""Train one population: `python pipelines/train.py task=sine model=lstm seeds=8` (--help explains the rest)."""

import sys

from omegaconf import DictConfig

from seqprobe.run.entry import run


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


if __name__ == "__main__":
    raise SystemExit(run(train, sys.argv[1:]))
