"""Pages run what their templates say alone: their own script and style, never one in an attribute."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest

from seqprobe import reports
from seqprobe.reports.page import source_hash

TEMPLATES = sorted(Path(*reports.__path__).glob("*.j2"))


def test_a_hash_is_what_browsers_compute() -> None:
    digest = base64.b64encode(hashlib.sha256(b"a && b").digest()).decode()
    assert source_hash("a && b") == f"sha256-{digest}"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_a_script_or_style_that_browsers_refuse(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert re.findall(r"<[a-z][^>]*\s(style|on[a-z]+)=", text) == []
    assert template.name == "base.html.j2" or re.findall("<(script|style)", text) == []
    assert "javascript:" not in text
