"""Questions put to a trained network. A probe never trains and never logs."""

from seqprobe.probes.probe import Probe, ProbeResult

__all__ = ["Probe", "ProbeResult"]
