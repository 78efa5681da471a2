"""Train every task with the models that suit it, then print the scores: `make sweep`, or with overrides

python pipelines/sweep.py seeds=32 task=sine,amplitude
"""

import os
import sys
import time

from seqprobe.run.entry import run
from seqprobe.run.single import train

PARTS = ("sweep=posts", "sweep=inverse")
"""What runs unless told otherwise: all tasks with the default models, then what suits some alone."""
ASKING = ("--help", "-h", "--hydra-help", "--cfg", "-c", "--info", "-i")


def main(arguments: list[str]) -> int:
    """Run the sweep that the arguments describe; the exit code is 0 when every job finished."""
    if any(argument.split("=")[0] in ASKING for argument in arguments):
        return run(train, arguments)
    keys = {argument.split("=")[0] for argument in arguments}
    sweep = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    parts = [[]] if keys & {"sweep", "experiment"} else [[part] for part in PARTS]
    if keys & {"task", "model"}:
        parts = parts[:1]
    given = [argument for argument in arguments if argument not in ("-m", "--multirun")]
    code = 0
    for part in parts:
        ended = run(train, ["--multirun", *part, f"names.sweep={sweep}", *given])
        code = max(code, ended)
        if ended not in (0, 1):
            break
    if code in (0, 1):
        from seqprobe.run.closing import print_closing

        print_closing(sweep, arguments)
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
