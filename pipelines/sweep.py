"""Train every task with the models that suit it, then print the scores: `make sweep`, or with overrides

python pipelines/sweep.py seeds=32 task=sine,amplitude
"""

ASKING = ("--help", "-h", "--hydra-help", "--cfg", "-c", "--info", "-i")

if __name__ == "__main__":  # imports stand here, because processes that draw read this file as well
    import sys

    from seqprobe.commands.sweep import sweep
    from seqprobe.commands.train import train
    from seqprobe.run.entry import run

    asks = any(argument.split("=")[0] in ASKING for argument in sys.argv[1:])
    raise SystemExit(run(train, sys.argv[1:]) if asks else sweep(sys.argv[1:]))
