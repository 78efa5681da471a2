"""Measure what a seed costs here, against the common way and a bare loop: `make bench` (about twenty minutes)."""

import sys

from seqprobe.bench.command import bench, check
from seqprobe.run.entry import run

if __name__ == "__main__":
    raise SystemExit(run(bench, sys.argv[1:], "bench", check))
