"""Measure what a seed costs here, against the common way and a bare loop: `make bench` (about twenty minutes)."""

import sys

from seqprobe.bench.command import bench
from seqprobe.run.entry import run_command

if __name__ == "__main__":
    raise SystemExit(run_command(bench, sys.argv[1:], "bench"))
