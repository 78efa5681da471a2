"""The comparison's page in a real browser: sorted, enlarged, followed, on a phone, in the dark and in print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import MLFLOWS_OWN, Seen, executable, page, screenshot, ui
from playwright.sync_api import Page
from scripts import run_script

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
FAST = ["task.points=30", "seeds=3", "trainer.max_steps=60", "engine=stacked"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two models, one of them diverged in parts, and a population that failed."""
    executable()
    folder = tmp_path_factory.mktemp("page")
    for own in (["model=rnn"], ["model=lstm"], ["model=gru", "optimizer=sgd", "optimizer.lr=1e30"]):
        assert run_script("train", ["task=sine", *FAST, *own, f"tracking.dir={folder}"]) == 0
    return folder


@pytest.fixture(scope="module")
def address(store: Path) -> Iterator[str]:
    with ui(store) as served:
        yield served


@pytest.fixture(scope="module")
def seen() -> Seen:
    return Seen()


@pytest.fixture(scope="module")
def tab(seen: Seen, store: Path, address: str) -> Iterator[Page]:
    assert run_script("compare", [f"tracking.dir={store}", f"ui={address}", "formats=[html]"]) == 0
    with page(seen) as opened:
        yield opened


@pytest.fixture(autouse=True)
def fresh(tab: Page, seen: Seen, store: Path) -> Iterator[None]:
    tab.set_viewport_size({"width": 1300, "height": 950})
    tab.emulate_media(media="screen", color_scheme="light")
    tab.goto((store / "comparison/comparison.html").as_uri())
    seen.problems.clear()
    seen.requests.clear()
    yield
    assert seen.problems_but(MLFLOWS_OWN) == []
    assert seen.hosts() == set()


def models(tab: Page) -> list[str]:
    return tab.locator("table.scores tbody tr:not(.level) th").all_inner_texts()


def scores(tab: Page, column: int) -> list[float]:
    cells = tab.locator(f"table.scores tbody tr td:nth-child({column}) a").all_inner_texts()
    return [float(cell) for cell in cells if re.fullmatch(r"[\d.e-]+", cell)]


def test_every_figure_is_drawn_and_legible(tab: Page) -> None:
    figures = tab.locator("figure.chart")
    assert figures.count() >= 8
    assert all(
        figures.evaluate_all("all => all.map(figure => figure.querySelector('figcaption').innerText.length > 10)")
    )
    sizes = """panels => panels.map(panel => {
      const scale = panel.getBoundingClientRect().width / panel.viewBox.baseVal.width;
      return [...panel.querySelectorAll("text")].map(text => scale * parseFloat(getComputedStyle(text).fontSize));
    })"""
    for width in (1400, 390):
        tab.set_viewport_size({"width": width, "height": 900})
        letters = [size for panel in tab.locator("main svg.panel").evaluate_all(sizes) for size in panel]
        assert len(letters) > 100
        assert min(letters) >= 9
    screenshot(tab, "report")


def test_the_first_screen_shows_where_each_model_generalises(tab: Page) -> None:
    lines, matrix = tab.locator(".headlines li"), tab.locator("table.matrix")
    box = matrix.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 900
    assert lines.count() in (1, 2, 3)
    squares = matrix.locator("td[data-model=lstm] .square")
    assert squares.count() == 4
    titles = squares.evaluate_all("squares => squares.map(square => square.title)")
    assert [title.split(":")[0] for title in titles] == ["learned", "inside", "just beyond", "far"]
    assert all(re.search(r"\d %|worse than a constant|not ranked|not measured", title) for title in titles)
    assert "∞ 3 diverged" in matrix.locator("td[data-model=gru]").inner_text()
    matrix.locator("td[data-model=lstm] a").click()
    assert tab.url.endswith("#sine")


def test_results_are_few_tab_stops_away(tab: Page) -> None:
    stops, is_in_table = 0, "document.activeElement.closest('table') !== null"
    while not tab.evaluate(is_in_table) and stops < 30:
        tab.keyboard.press("Tab")
        stops += 1
    assert 0 < stops <= 10
    tab.reload()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to the results"


def test_models_and_tasks_are_hidden_and_shown_again(tab: Page) -> None:
    tab.locator("nav summary", has_text="Models").click()
    tab.locator("nav input[data-model=rnn]").uncheck()
    assert tab.locator("table.scores tr[data-model=rnn]").is_hidden()
    assert tab.locator("table.matrix td[data-model=rnn]").is_hidden()
    assert tab.locator("table.matrix td[data-model=lstm]").is_visible()
    tab.locator("nav input[data-model=rnn]").check()
    assert tab.locator("table.scores tr[data-model=rnn]").is_visible()
    tab.locator("nav summary", has_text="Tasks").click()
    tab.locator("nav input[data-task=sine]").uncheck()
    assert tab.locator("section[data-task=sine]").is_hidden()


def test_tables_sort_by_mouse_and_by_keyboard(tab: Page) -> None:
    heading = tab.locator("table.scores th button", has_text="val/rmse")
    heading.click()
    ascending = scores(tab, 4)
    assert ascending == sorted(ascending)
    assert tab.locator("table.scores th[aria-sort=ascending]").inner_text().startswith("val/rmse")
    heading.press("Enter")
    assert scores(tab, 4) == sorted(ascending, reverse=True)
    tab.locator("table.scores th button", has_text="model").click()
    assert models(tab) == sorted(models(tab))


def test_what_diverged_is_there_and_stays_last(tab: Page) -> None:
    row = tab.locator("table.scores tbody tr", has_text="diverged").first
    assert "0 of 3, 3 diverged" in row.inner_text()
    tab.locator("table.scores th button", has_text="val/rmse").click()
    assert "diverged" in tab.locator("table.scores tbody tr").last.inner_text()


def test_a_figure_is_enlarged_and_closed_without_a_mouse(tab: Page) -> None:
    zoom, heading = tab.locator("main .zoom").first, tab.locator("dialog .head b")
    zoom.focus()
    zoom.press("Enter")
    heading.wait_for(state="visible")
    titles = tab.locator("main figure.chart .head b").all_inner_texts()
    assert heading.inner_text() == titles[0]
    tab.keyboard.press("ArrowRight")
    assert heading.inner_text() == titles[1]
    tab.locator("dialog .previous").click()
    tab.locator("dialog .previous").click()
    assert heading.inner_text() == titles[-1]
    assert tab.locator("dialog .place").inner_text() == f"{len(titles)} of {len(titles)}"
    large, small = (tab.locator(f"{place} svg.panel").last.bounding_box() for place in ("dialog", "main"))
    assert large is not None
    assert small is not None
    assert large["width"] > 1.2 * small["width"]
    tab.keyboard.press("Escape")
    heading.wait_for(state="hidden")
    assert tab.evaluate("document.activeElement.getAttribute('aria-label')") == f"Enlarge {titles[-1]}"


def test_links_follow_the_address_of_the_ui(tab: Page, address: str) -> None:
    link = tab.locator("table.scores tbody a").first
    before = link.get_attribute("href")
    assert before is not None
    assert before.startswith(f"{address}/#/experiments/")
    assert before.endswith("?workflowType=machine_learning")
    field = tab.locator("input.ui")
    field.fill("http://127.0.0.1:5999/")
    field.press("Tab")
    assert link.get_attribute("href") == before.replace(address, "http://127.0.0.1:5999")
    field.fill("javascript:alert(1)")
    field.press("Tab")
    assert link.get_attribute("href") == before.replace(address, "http://127.0.0.1:5999")


def test_a_script_that_was_injected_does_not_run(tab: Page, seen: Seen, store: Path, tmp_path: Path) -> None:
    written = (store / "comparison/comparison.html").read_text(encoding="utf-8")
    bad = (
        "<script>window.injected = 1</script><img src=x onerror='window.injected = 2'><p id=p style='color: red'>p</p>"
    )
    page = tmp_path / "injected.html"
    page.write_text(written.replace("<main>", f"<main>{bad}"), encoding="utf-8")
    tab.goto(page.as_uri())
    tab.locator("main .zoom").first.click()  # the page's script runs
    tab.locator("dialog .head b").wait_for(state="visible")
    assert tab.evaluate("window.injected === undefined")
    assert tab.evaluate("getComputedStyle(document.querySelector('#p')).color") != "rgb(255, 0, 0)"
    assert len([problem for problem in seen.problems if "Content Security Policy" in problem]) >= 3
    seen.problems.clear()


def test_a_number_leads_to_its_run(tab: Page) -> None:
    tab.locator("table.scores tbody tr", has_text="lstm").locator("td.number a").first.click()
    tab.get_by_text(re.compile("lstm · .*3 seeds")).first.wait_for()
    assert "/runs/" in tab.url


def test_differences_are_said_in_words(tab: Page) -> None:
    tab.locator("details.differences summary").first.click()
    said = tab.locator("details.differences tbody tr").first
    said.wait_for(state="visible")
    assert re.search(r"better|undecided|too few seeds", said.inner_text())


def test_it_fits_a_phone(tab: Page) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    screenshot(tab, "report_phone")


LUMINANCE = """
element => {
  const rgb = text => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = color => rgb(color).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const [a, b] = [light(getComputedStyle(element).color), light(getComputedStyle(document.body).backgroundColor)];
  return (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_contrast(tab: Page, scheme: str) -> None:
    tab.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    starred = "document.querySelector('table.scores td').insertAdjacentHTML('beforeend', '<strong>★ best</strong>')"
    tab.evaluate(starred)  # three seeds earn no star
    for selector in (
        "h1",
        "p.soft",
        "td small",
        "td strong",
        "tr.level td",
        "main a",
        "#squares span",
        "caption span",
        "figcaption",
    ):
        ratio = tab.locator(selector).first.evaluate(LUMINANCE)
        assert ratio >= 4.5, (selector, ratio)  # WCAG 2.2, 1.4.3
    screenshot(tab, f"report_{scheme}")


def test_it_prints(tab: Page) -> None:
    tab.emulate_media(media="print")
    assert tab.pdf(format="A4").startswith(b"%PDF")
    assert tab.locator("dialog").is_hidden()
