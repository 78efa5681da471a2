"""What pipelines/example.py does: print the first minibatch that a seed trains on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def example(overrides: Sequence[str], config_dir: Path | None = None) -> None:
    """Print the first seed's first minibatch.

    Raises:
        InvalidValue: the overrides do not fit.
    """
    from seqprobe.config.build import build_experiment
    from seqprobe.config.compose import compose_config
    from seqprobe.learning.minibatch_text import training_example

    composition = compose_config(overrides, config_dir)
    experiment = build_experiment(composition.config, composition.config_dir)
    print(training_example(experiment.task, experiment.seeds[0]), end="")
