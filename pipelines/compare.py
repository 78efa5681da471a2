"""Compare the models of every task in the store, side by side: `make report`."""

import sys

from seqprobe.run.compare import check, compare
from seqprobe.run.entry import run

if __name__ == "__main__":
    raise SystemExit(run(compare, sys.argv[1:], "compare", check))
