"""What is to be learned: one file per family of tasks."""

from seqprobe.tasks.task import Task

__all__ = ["Task"]
