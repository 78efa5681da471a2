"""In a notebook's kernel, progress is one line of HTML that is replaced; elsewhere nothing of IPython is imported."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

from seqprobe.run.notebook_progress import NotebookBar, is_notebook
from seqprobe.run.progress import progress_bar


@pytest.fixture
def displayed(monkeypatch: pytest.MonkeyPatch) -> list[NotebookBar]:
    """What a kernel, of which there is one now, was given to show."""
    shown: list[NotebookBar] = []

    def display(bar: NotebookBar, display_id: bool) -> SimpleNamespace:
        shown.append(bar)
        return SimpleNamespace(update=shown.append)

    shell, module = ModuleType("IPython"), ModuleType("IPython.display")
    shell.get_ipython = lambda: SimpleNamespace(kernel=object())  # type: ignore[attr-defined]
    module.display = display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", shell)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    return shown


def test_a_kernel_is_told_from_a_terminal(displayed: list[NotebookBar], monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_notebook()
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda: None)
    assert not is_notebook()
    monkeypatch.delitem(sys.modules, "IPython")
    assert not is_notebook()


def test_the_bar_is_replaced_and_lines_are_printed(
    displayed: list[NotebookBar], capsys: pytest.CaptureFixture[str]
) -> None:
    with progress_bar("sine · <b>", 10) as (report, notice):
        report(5, 10, "loss 0.1")  # sooner after the first than the bar is replaced
        notice("resumed")
        report(10, 10, "")
    first, last = displayed
    assert (first.done, first.words, last.done, last.words) == (0, "starting", 10, "")
    assert "sine · &lt;b&gt;" in last._repr_html_()
    assert '<progress value="10" max="10">' in last._repr_mimebundle_()["text/html"]
    assert capsys.readouterr().err == "resumed\n"
