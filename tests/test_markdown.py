"""Text in Markdown is shown as it is."""

from __future__ import annotations

from seqprobe.markdown import markdown_text


def test_markdown_shows_a_text_as_it_is() -> None:
    assert (
        markdown_text("a=[red] *b* <i>`x`</i>|\n\x1b[1m [x](y)") == r"a=[red] \*b\* \<i\>\`x\`\</i\>\| \\x1b[1m [x\](y)"
    )
