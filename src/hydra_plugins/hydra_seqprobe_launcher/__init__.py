"""The place where Hydra looks for seqprobe's launcher."""
