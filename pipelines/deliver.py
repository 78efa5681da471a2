"""Deliver to a store what trainings could not: `python pipelines/deliver.py tracking=server tracking.uri=http://…`"""

import sys

from seqprobe.commands.deliver import deliver
from seqprobe.run.entry import run_command

if __name__ == "__main__":
    raise SystemExit(run_command(deliver, sys.argv[1:], "store"))
