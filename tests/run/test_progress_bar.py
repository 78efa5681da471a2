"""The progress bar of a training in a terminal."""

from __future__ import annotations

import pytest

from seqprobe.run.progress import progress_bar


def test_a_bar_of_which_nothing_was_reported_does_not_stay(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("sine · lstm", 10) as (report, _):
        report(5, 10, "")
    assert "5/10" in capsys.readouterr().err
    with progress_bar("sine · lstm", 10) as (_, notice):
        notice("finished before")
    assert capsys.readouterr().err.split() == ["finished", "before"]
