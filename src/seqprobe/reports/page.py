"""Render an HTML page: one file that needs nothing else, for the screen, the phone and the printer."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import jinja2


def render_page(template: str, **values: object) -> str:
    """A page from a template beside this module; all of them extend ``base.html.j2``.

    Their blocks ``style`` and ``script`` are the only ones that browsers use, so that nothing else in a page runs.
    """
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters["source_hash"] = source_hash
    return environment.get_template(template).render(**values)


def source_hash(text: str) -> str:
    """What a page's Content-Security-Policy calls an inline script or style that may be used; all others may not."""
    return f"sha256-{base64.b64encode(hashlib.sha256(str(text).encode()).digest()).decode()}"


def slug(text: str) -> str:
    """Text as an id."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def unique_slugs(texts: list[str]) -> dict[str, str]:
    """An id for each text, all different, whatever letters they have; ``overview`` is taken."""
    slugs: dict[str, str] = {}
    for index, text in enumerate(texts):
        short = slug(text)
        slugs[text] = short if short and short not in (*slugs.values(), "overview") else f"{short}-{index}".strip("-")
    return slugs


def file_name(text: str) -> str:
    """Text as the name of a file, without a folder."""
    return re.sub(r"[^\w-]+", "-", text)
