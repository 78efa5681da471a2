"""Ids and addresses of one store, as another store has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from seqprobe.tracking.stores.store import Store

UI = "http://127.0.0.1:5000"
"""Where `make ui` serves an embedded store, to which saved pages link."""
PAGES = (".html", ".md")
"""Ends of the names of artifacts that link to runs."""
RUN_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
RUN_LINK = re.compile(r"(?P<base>https?://[^\s\"'<>#]+)?(?P<page>/?#/experiments/)(?P<experiment>\d+)")


@dataclass(frozen=True)
class Translation:
    """Replaces what names runs of the store that is copied by what names their copies.

    Attributes:
        runs: ids by ids.
        experiments: ids by ids.
        before, now: the addresses of the pages of both stores.
    """

    runs: Mapping[str, str]
    experiments: Mapping[str, str]
    before: str
    now: str

    def text(self, text: str) -> str:
        """A tag's value with the ids of the copies; other ids stay."""
        return RUN_ID.sub(lambda match: self.runs.get(match[0], match[0]), text)

    def page(self, content: bytes) -> bytes:
        """A saved page whose links lead to the copies; what is no text stays as it is."""
        try:
            text = content.decode()
        except UnicodeDecodeError:
            return content
        return self.text(RUN_LINK.sub(self._link, text)).encode()

    def _link(self, match: re.Match[str]) -> str:
        base, experiment = match["base"] or "", match["experiment"]
        base = self.now if base == self.before else base
        return f"{base}{match['page']}{self.experiments.get(experiment, experiment)}"


def pages_address(store: Store) -> str:
    """Where people see a store's runs."""
    return store.uri.rstrip("/") if store.uri.startswith("http") else UI
