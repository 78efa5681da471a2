"""Print the first minibatch that a seed trains on: `python pipelines/example.py task=inverse_variable`."""

import sys

from seqprobe.commands.example import example
from seqprobe.run.entry import run_command

if __name__ == "__main__":
    raise SystemExit(run_command(example, sys.argv[1:]))
