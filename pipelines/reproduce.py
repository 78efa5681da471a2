"""Train the posts' presets over seeds and judge every claim: `make reproduce` (about a quarter of an hour)."""

import sys

from seqprobe.commands.reproduce import reproduce
from seqprobe.run.entry import run_command

if __name__ == "__main__":
    raise SystemExit(run_command(reproduce, sys.argv[1:], "reproduce"))
