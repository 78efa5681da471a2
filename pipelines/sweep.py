"""Train every task with the models that suit it, then print the scores: `make sweep`, or with overrides

python pipelines/sweep.py seeds=32 task=sine,amplitude
"""

if __name__ == "__main__":  # imports stand here, because processes that draw import this file as well
    import sys

    from seqprobe.commands.sweep import sweep
    from seqprobe.run.entry import run_command

    arguments = [argument for argument in sys.argv[1:] if argument not in ("-m", "--multirun")]  # it always is one
    raise SystemExit(run_command(sweep, arguments))
