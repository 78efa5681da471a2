"""Show everything that can be chosen, with a line each: `seqprobe list`."""

from seqprobe.commands.list import print_choices

if __name__ == "__main__":
    print_choices()
