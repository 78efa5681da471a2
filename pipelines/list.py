"""Show tasks, models, probes, presets and optimizers, with a line each: `seqprobe list`."""

from seqprobe.commands.list import print_choices

if __name__ == "__main__":
    print_choices()
