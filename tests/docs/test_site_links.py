"""A site's broken links and remote files are found."""

from __future__ import annotations

from pathlib import Path

import site_links


def test_broken_links_and_remote_files_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<h1 id="top">A</h1><a href="b.html#here">b</a><a href="b.html#gone">b</a><a href="#top">up</a>'
        '<a href="c.html">c</a><a href="https://example.org">out</a><script src="//cdn.example.org/x.js"></script>'
        "<style>@import url(https://example.org/s.css); p { background: url('data:image/png;base64,x') }</style>"
    )
    (tmp_path / "b.html").write_text('<p id="here">B</p><img src="_static/b.png?v=1">')
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "b.png").write_bytes(b"")
    (tmp_path / "_static" / "s.css").write_text('@font-face { src: url("https://example.org/f.woff2") url(f.woff2) }')
    assert site_links.broken_links(tmp_path) == ["a.html: b.html#gone", "a.html: c.html"]
    assert site_links.remote_loads(tmp_path) == [
        "a.html: //cdn.example.org/x.js",
        "a.html: https://example.org/s.css",
        "s.css: https://example.org/f.woff2",
    ]
    assert site_links.remote_links(tmp_path) == ["https://example.org"]
