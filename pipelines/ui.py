"""Serve the MLflow UI of the embedded store on this machine alone: `make ui`, or

python pipelines/ui.py --port 5050 tracking.dir=other_runs
"""

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from seqprobe.run.exit_codes import exit_code


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        print(f"error: {message} (--help explains the options)", file=sys.stderr)
        raise SystemExit(2)


def main() -> int:
    """Serve until Ctrl-C."""
    parser = Parser(description="Serve the MLflow UI on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=5000)
    parser.add_argument("--config-dir", type=Path, help="a folder with further config files")
    parser.add_argument("overrides", nargs="*", help="where the runs are: tracking.dir=…")
    options = parser.parse_intermixed_args()

    def call() -> None:
        from seqprobe.commands.ui import serve  # imports torch, which cannot be imported everywhere

        serve(options.overrides, options.config_dir, options.port)

    return exit_code(call, sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(main())
