"""Copy the runs of a store to another: `python pipelines/move.py from=mlruns to=http://…`"""

import sys

from seqprobe.run.entry import command_at, run_command

if __name__ == "__main__":
    raise SystemExit(run_command(command_at("seqprobe.commands.move:move"), sys.argv[1:], "move"))
