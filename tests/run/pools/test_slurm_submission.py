"""What the user sees of jobs that Slurm refuses."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from seqprobe.config.compose import Composition
from seqprobe.failure import JobFailed
from seqprobe.run.pools import slurm_submission
from seqprobe.run.pools.slurm_settings import SlurmSettings

REFUSAL = "sbatch: error: invalid partition specified: nope"


class RefusingExecutor:
    """What submitit does when sbatch fails: it prints its message and raises an error with it."""

    def __init__(self, folder: Path, max_num_timeout: int) -> None:
        self.parameters: dict[str, Any] = {}

    def update_parameters(self, **parameters: Any) -> None:
        self.parameters.update(parameters)

    @contextmanager
    def batch(self) -> Iterator[None]:
        yield
        print(REFUSAL, file=sys.stderr)
        raise RuntimeError(f"{REFUSAL}\nsbatch: error: Batch job submission failed")

    def submit(self, task: object) -> None:
        pass


def test_a_refusal_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(slurm_submission, "call_slurm", lambda command: "")
    submitit = SimpleNamespace(SlurmExecutor=RefusingExecutor)
    monkeypatch.setattr(slurm_submission, "import_extra", lambda module, key, extra: submitit)
    jobs = {"a": Composition({"tracking": {"dir": str(tmp_path)}})}
    with pytest.raises(JobFailed, match=f"^hydra/launcher=slurm: Slurm refuses the jobs: {REFUSAL} sbatch: error: "):
        list(slurm_submission.submit(SlurmSettings(partition="nope"), jobs, tmp_path))
    assert capsys.readouterr().err == ""
