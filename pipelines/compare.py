"""Compare the models of every task in the store, side by side: `make report`."""

if __name__ == "__main__":  # imports stand here, because processes that draw import this file as well
    import sys

    from seqprobe.commands.compare import compare
    from seqprobe.run.entry import run_command

    raise SystemExit(run_command(compare, sys.argv[1:], "compare"))
