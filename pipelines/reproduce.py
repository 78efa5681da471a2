"""Train the posts' presets over seeds and judge every claim: `make reproduce` (about a quarter of an hour)."""

import sys

from seqprobe.run.entry import run
from seqprobe.run.reproduce import check, reproduce

if __name__ == "__main__":
    raise SystemExit(run(reproduce, sys.argv[1:], "reproduce", check))
