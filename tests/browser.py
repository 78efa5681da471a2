"""A real headless Chromium that remembers what a page asked for and complained of, for tests of what people look at."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from scripts import ROOT

SCREENSHOTS = ROOT / "test-artifacts"
"""Where tests leave what they saw, for people to look at."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MLFLOWS_OWN = {
    r"/users/current": "asks who is signed in; a server without accounts answers 404",
    r"ResizeObserver loop completed": "its layout; browsers report it and go on",
}
"""Problems of MLflow's pages that are none, and why."""
LOCAL = ("127.0.0.1", "localhost", "")
"""Hosts that are this machine; files, data and blobs have none."""
PATIENCE = 60_000
"""Milliseconds that anything may take to show up; a machine may be busy."""
NAMES = ("chromium", "chromium-browser", "google-chrome")


def executable() -> str:
    """The installed browser.

    Raises:
        AssertionError: there is none; says which package has it.
    """
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    assert found, "no Chromium is installed; Debian has it in the package: chromium"
    return found


@dataclass
class Seen:
    """What all pages of a browser asked for and said.

    Attributes:
        requests: every address that was asked for.
        problems: console errors, exceptions nobody caught, and requests that failed or were refused.
    """

    requests: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def hosts(self) -> set[str]:
        """Hosts other than this machine that were asked for anything."""
        return {host for url in self.requests if (host := urlsplit(url).hostname or "") not in LOCAL}

    def problems_but(self, ignored: dict[str, str]) -> list[str]:
        """The problems that match no pattern of ``ignored``, whose values say why."""
        return [problem for problem in self.problems if not any(re.search(pattern, problem) for pattern in ignored)]

    def watch(self, context: BrowserContext) -> None:
        """Remember what the pages of a context do from here on."""
        context.on("request", lambda request: self.requests.append(request.url))
        context.on(
            "console",
            lambda said: (
                said.type == "error" and self.problems.append(f"console: {said.text} ({said.location['url']})")
            ),
        )
        context.on("weberror", lambda error: self.problems.append(f"exception: {error.error}"))
        context.on(
            "response",
            lambda answer: answer.status >= 400 and self.problems.append(f"{answer.status}: {answer.url}"),
        )


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, until the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), headless=True, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visit(browser: Browser, seen: Seen, remembered: str = "") -> Iterator[Page]:
    """A page of somebody who was never here before, and of whom nothing is remembered afterwards.

    Args:
        browser: what opens it.
        seen: records what the page requests and complains of.
        remembered: JavaScript that makes up what earlier visits left behind.
    """
    context = browser.new_context(viewport={"width": 1500, "height": 950})
    try:
        context.set_default_timeout(PATIENCE)
        context.add_init_script(remembered)
        seen.watch(context)
        yield context.new_page()
    finally:
        context.close()


@contextmanager
def page(seen: Seen) -> Iterator[Page]:
    """A page of a browser that ends with it."""
    with chromium() as browser, visit(browser, seen) as opened:
        yield opened


def screenshot(page: Page, name: str) -> None:
    """Keep what a page shows."""
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def picture_widths(page: Page, selector: str, count: int) -> list[int]:
    """The natural widths of the pictures that ``selector`` finds, once there are ``count`` and all are loaded.

    A broken picture is loaded, and has the width 0.
    """
    loaded = "pictures => pictures.every(picture => picture.src && picture.complete)"
    page.wait_for_function(
        f"""([selector, count]) => {{
            const pictures = [...document.querySelectorAll(selector)];
            return pictures.length >= count && ({loaded})(pictures);
        }}""",
        arg=[selector, count],
    )
    widths: list[int] = page.locator(selector).evaluate_all("all => all.map(picture => picture.naturalWidth)")
    return widths


@contextmanager
def ui(folder: Path) -> Iterator[str]:
    """The address at which pipelines/ui.py serves a store, until the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "pipelines/ui.py"), "--port", str(port), f"tracking.dir={folder}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.startswith("http://127.0.0.1:"), f"pipelines/ui.py said: {said}"
        yield said.split()[0]
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)
