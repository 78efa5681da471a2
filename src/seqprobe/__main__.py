"""The console script: `seqprobe train …` runs pipelines/train.py, wherever seqprobe is installed."""

from __future__ import annotations

import importlib.util
import runpy
import sys

from seqprobe.checks import one_of
from seqprobe.config.places import resources


def main() -> None:
    """Run the pipeline that the first argument names with the others.

    Raises:
        SystemExit: always, with the pipeline's exit code; 2 when there is no such command, or none outside a checkout.
    """
    commands = {path.stem: path for path in sorted(resources("pipelines").glob("*.py"))}
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in commands:
        print(
            f"usage: seqprobe {'|'.join(commands)} …   (seqprobe train --help explains the overrides)", file=sys.stderr
        )
        if name in ("-h", "--help"):
            raise SystemExit(0)
        print(f"error: {name or 'no command'}: {one_of(name, commands)}", file=sys.stderr)
        raise SystemExit(2)
    if name == "bench" and importlib.util.find_spec("seqprobe.bench") is None:
        print("error: seqprobe bench needs a checkout of the repository: run make bench there", file=sys.stderr)
        raise SystemExit(2)
    sys.argv = [f"seqprobe {name}", *sys.argv[2:]]
    runpy.run_path(str(commands[name]), run_name="__main__")


if __name__ == "__main__":
    main()
