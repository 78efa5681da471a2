"""What the pages of a built site link to and load."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

REMOTE = re.compile(r"(?:https?:)?//")
LOADED = {
    "script": "src",
    "img": "src",
    "source": "src",
    "video": "src",
    "iframe": "src",
    "embed": "src",
    "link": "href",
}
"""Elements that make a browser load something, with the attribute that says what."""
IN_STYLES = re.compile(r"@import\s+(?:url\()?[\"']?([^\"');]+)|url\(\s*[\"']?([^\"')]+)")


@dataclass
class Page(HTMLParser):
    """The anchors, links and loaded files of one page."""

    path: Path
    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    in_style: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text(encoding="utf-8"))

    def __hash__(self) -> int:
        return hash(self.path)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value for name, value in attrs if value is not None}
        self.in_style = tag == "style"
        self.anchors.update(values[name] for name in ("id", "name") if name in values)
        self.loaded += loaded_by_style(values.get("style", ""))
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if LOADED.get(tag) in values:
            self.loaded.append(values[LOADED[tag]])

    def handle_data(self, data: str) -> None:
        if self.in_style:
            self.loaded += loaded_by_style(data)


def loaded_by_style(text: str) -> list[str]:
    """The addresses that a style sheet imports or draws."""
    return [first or second for first, second in IN_STYLES.findall(text)]


def pages(site: Path) -> dict[Path, Page]:
    """Every page of a site by its path."""
    return {path.resolve(): Page(path) for path in sorted(site.rglob("*.html")) if "_static" not in path.parts}


def remote_loads(site: Path) -> list[str]:
    """Scripts, styles, fonts and pictures that pages or style sheets load from elsewhere."""
    in_pages = [f"{page.path.name}: {url}" for page in pages(site).values() for url in page.loaded if REMOTE.match(url)]
    in_styles = [
        f"{style.name}: {url}"
        for style in sorted(site.rglob("*.css"))
        for url in loaded_by_style(style.read_text(encoding="utf-8"))
        if REMOTE.match(url)
    ]
    return in_pages + in_styles


def broken_links(site: Path) -> list[str]:
    """Links and loaded files inside the site that lead nowhere, and links to anchors that a page lacks."""
    known, broken = pages(site), []
    for page in known.values():
        for url in [*page.links, *page.loaded]:
            if REMOTE.match(url) or url.startswith(("mailto:", "data:", "javascript:")):
                continue
            file, anchor = urldefrag(unquote(url))
            target = (page.path.parent / file.partition("?")[0]).resolve() if file else page.path.resolve()
            exists = target.is_file()
            if not exists or (anchor and target in known and anchor not in known[target].anchors):
                broken.append(f"{page.path.relative_to(site)}: {url}")
    return broken


def remote_links(site: Path) -> list[str]:
    """Links to other sites."""
    return sorted({url for page in pages(site).values() for url in page.links if REMOTE.match(url)})
