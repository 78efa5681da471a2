"""Run another probe on a population trained before; --help explains the rest:

python pipelines/probe.py run=<run id> +probe@task.probes.x=amplitude
"""

import sys
from functools import partial

from seqprobe.commands.probe_run import probe_run, split_name
from seqprobe.run.entry import run_command

if __name__ == "__main__":
    arguments, name = split_name(sys.argv[1:])
    raise SystemExit(run_command(partial(probe_run, name=name), arguments, "probe_run"))
