"""Show everything that can be chosen, with a line each: `seqprobe list`."""

import sys

from seqprobe.commands.list import print_choices
from seqprobe.run.exit_codes import exit_code

if __name__ == "__main__":
    raise SystemExit(exit_code(lambda: print_choices(sys.argv[1:]), sys.argv[1:]))
