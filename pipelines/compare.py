"""Compare the models of every task in the store, side by side: `make report`."""

if __name__ == "__main__":  # imports stand here, because processes that draw read this file as well
    import sys

    from seqprobe.commands.compare import check, compare
    from seqprobe.run.entry import run

    raise SystemExit(run(compare, sys.argv[1:], "compare", check))
