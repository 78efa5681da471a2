"""Compare the models of every task in the store, side by side: `make report`."""

if __name__ == "__main__":  # imports stand here, because processes that draw import this file as well
    import sys

    from seqprobe.run.entry import command_at, run_command

    raise SystemExit(run_command(command_at("seqprobe.commands.compare:compare"), sys.argv[1:], "compare"))
