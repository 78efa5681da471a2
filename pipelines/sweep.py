"""Train every experiment with the default models, then print one table: `make sweep`, or with overrides

python pipelines/sweep.py seeds=32 task=sine,amplitude
"""

import os
import sys
import time

from seqprobe.run.entry import run
from seqprobe.run.single import train

ASKING = ("--help", "-h", "--hydra-help", "--cfg", "-c", "--info", "-i")


def main(arguments: list[str]) -> int:
    """Run the sweep that the arguments describe; the exit code is 0 when every job finished."""
    if any(argument.split("=")[0] in ASKING for argument in arguments):
        return run(train, arguments)
    chosen = any(argument.split("=")[0] in ("sweep", "experiment") for argument in arguments)
    sweep = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    defaults = [] if chosen else ["sweep=post0"]
    given = [argument for argument in arguments if argument not in ("-m", "--multirun")]
    code = run(train, ["--multirun", *defaults, f"names.sweep={sweep}", *given])
    if code in (0, 1):
        from seqprobe.run.closing import print_closing

        print_closing(sweep, arguments)
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
