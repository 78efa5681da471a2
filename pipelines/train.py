"""Train one population: `python pipelines/train.py task=sine model=lstm seeds=8` (--help explains the rest)."""

import sys

from seqprobe.commands.train import print_multirun, train
from seqprobe.run.entry import run_command

if __name__ == "__main__":
    raise SystemExit(run_command(train, sys.argv[1:], closing=print_multirun))
