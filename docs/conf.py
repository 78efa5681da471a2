"""Settings of the site that `make docs` builds: Sphinx, MyST-NB and the pydata theme, nothing from the network."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

import seqprobe

project = "seqprobe"
author = "the authors of seqprobe"
version = release = seqprobe.__version__
html_title = f"seqprobe {release}"
html_show_copyright = html_show_sourcelink = False

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "mathml", "module_list"]
exclude_patterns = ["_build", "_extensions", "verdicts.csv"]
default_role = "code"  # what docstrings put between single backticks

myst_enable_extensions = ["dollarmath", "colon_fence", "attrs_block"]
myst_heading_anchors = 3

nb_execution_mode = "force"
nb_execution_timeout = 1200  # seconds for a cell; the longest takes 20 where nothing else runs
nb_execution_raise_on_error = True
EXECUTED = ("gallery",)
nb_execution_excludepatterns = [
    f"{page.stem}.md" for page in Path(__file__).parent.glob("*.md") if page.stem not in EXECUTED
]
nb_merge_streams = True
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # widgets would load their scripts from elsewhere

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"

html_theme = "pydata_sphinx_theme"
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "header_links_before_dropdown": 7,
    "show_toc_level": 2,
    "footer_start": [],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
}
html_sidebars: dict[str, list[str]] = {"**": []}
html_context = {"default_mode": "auto"}
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
