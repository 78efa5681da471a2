"""Serve the MLflow UI of the embedded store on this machine alone: `make ui`, or

python pipelines/ui.py --port 5050 tracking.dir=other_runs
"""

import argparse
import sys

from seqprobe.commands.ui import serve
from seqprobe.run.entry import reported


def main() -> int:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Serve the MLflow UI on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=5000)
    parser.add_argument("overrides", nargs="*", help="where the runs are: tracking.dir=…")
    given = parser.parse_args()
    return reported(lambda: serve(given.overrides, given.port), sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(main())
