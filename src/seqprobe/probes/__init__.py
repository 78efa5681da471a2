"""Out-of-distribution tests of trained networks. A probe never trains and never records."""

from seqprobe.probes.probe import NoAnswer, Probe
from seqprobe.probes.probe_result import ProbeResult

__all__ = ["NoAnswer", "Probe", "ProbeResult"]
