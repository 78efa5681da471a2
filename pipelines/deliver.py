"""Deliver to a store what trainings could not: `python pipelines/deliver.py tracking=server tracking.uri=http://…`"""

import sys

from seqprobe.run.entry import run
from seqprobe.run.recovery import deliver

if __name__ == "__main__":
    raise SystemExit(run(deliver, sys.argv[1:]))
