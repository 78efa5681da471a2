"""Questions put to a trained network. A probe never trains and never logs."""

from seqprobe.probes.probe import Probe
from seqprobe.probes.probe_result import ProbeResult

__all__ = ["Probe", "ProbeResult"]
