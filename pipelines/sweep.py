"""Train every task with the models that suit it, then print the scores: `make sweep`, or with overrides

python pipelines/sweep.py seeds=32 task=sine,amplitude
"""

import sys

from seqprobe.run.entry import run
from seqprobe.run.single import train
from seqprobe.run.sweep import sweep

ASKING = ("--help", "-h", "--hydra-help", "--cfg", "-c", "--info", "-i")

if __name__ == "__main__":
    asks = any(argument.split("=")[0] in ASKING for argument in sys.argv[1:])
    raise SystemExit(run(train, sys.argv[1:]) if asks else sweep(sys.argv[1:]))
