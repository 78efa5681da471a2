"""Train the posts' presets over seeds and judge every claim: `make reproduce` (about a quarter of an hour)."""

import sys

from seqprobe.commands.reproduce import check, reproduce
from seqprobe.run.entry import run

if __name__ == "__main__":
    raise SystemExit(run(reproduce, sys.argv[1:], "reproduce", check))
