"""The site builds without a warning, its links lead somewhere, and it loads nothing from elsewhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import site_links
from browser import Seen, page
from scripts import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("site")]
PAGES = ("index", "comparing", "gallery", "api", "notebooks/read_results")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; warnings are errors, and the notebook and the gallery are executed."""
    built = tmp_path_factory.mktemp("site")
    sphinx = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--builder", "html"]
    finished = subprocess.run([*sphinx, "docs", str(built)], cwd=ROOT, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    return built


def test_every_page_is_built(site: Path) -> None:
    sources = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").glob("*.md")}
    assert {path for path in sources if not (site / path).is_file()} == set()


def test_links_and_anchors_exist(site: Path) -> None:
    assert site_links.broken_links(site) == []


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    assert site_links.remote_loads(site) == []
    print("links to other sites:", *site_links.remote_links(site), sep="\n")


def test_the_gallery_and_the_notebook_show_figures(site: Path) -> None:
    gallery = (site / "gallery.html").read_text()
    assert gallery.count("_images/") >= 10
    assert "&lt;Figure" not in gallery
    assert "_images/" in (site / "notebooks/read_results.html").read_text()


def test_formulas_are_mathml(site: Path) -> None:
    assert "<msup>" in (site / "comparing.html").read_text()


def test_pages_open_without_a_problem_and_without_a_network(site: Path) -> None:
    seen = Seen()
    with page(seen) as opened:
        for name in PAGES:
            opened.goto((site / f"{name}.html").as_uri())
            opened.wait_for_load_state("load")
    assert seen.problems == []
    assert seen.hosts() == set()
