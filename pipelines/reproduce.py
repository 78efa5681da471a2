"""Train the posts' presets over seeds and judge every claim: `make reproduce` (about a quarter of an hour)."""

import sys

from seqprobe.run.entry import command_at, run_command

if __name__ == "__main__":
    raise SystemExit(run_command(command_at("seqprobe.commands.reproduce:reproduce"), sys.argv[1:], "reproduce"))
