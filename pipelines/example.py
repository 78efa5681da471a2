"""Print the first minibatch that a seed trains on: `python pipelines/example.py task=inverse_variable`."""

import sys

from omegaconf import DictConfig

from seqprobe.run.entry import run


def show(config: DictConfig) -> float:
    """Print it."""
    from seqprobe.config.build import build_experiment
    from seqprobe.config.plain import resolved
    from seqprobe.learning.minibatch_text import training_example

    experiment = build_experiment(resolved(config))
    print(training_example(experiment.task, experiment.seeds[0]), end="")
    return 0.0


if __name__ == "__main__":
    raise SystemExit(run(show, sys.argv[1:]))
