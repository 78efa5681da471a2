"""Measure what a seed costs here, against the common way and a bare loop: `make bench` (about twenty minutes)."""

import sys

from seqprobe.run.entry import command_at, run_command

if __name__ == "__main__":
    raise SystemExit(run_command(command_at("seqprobe.bench.command:bench"), sys.argv[1:], "bench"))
