"""Tune models with the same budget and space: `python pipelines/tune.py task=remember model=lstm,gru 'space={…}'`."""

if __name__ == "__main__":  # imports stand here, because processes that train import this file as well
    import sys

    from seqprobe.run.entry import command_at, run_command

    raise SystemExit(run_command(command_at("seqprobe.commands.tune:tune"), sys.argv[1:], "tune"))
