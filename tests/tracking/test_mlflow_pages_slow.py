"""What people see of runs in MLflow's own pages, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import MLFLOWS_OWN, PATIENCE, Seen, chromium, picture_widths, screenshot, ui, visit
from chaos.content import plain_name
from playwright.sync_api import Browser, Locator, Page, expect
from scripts import run_script

from seqprobe.tracking.stores.shared_view import runs_address

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("browser")]
SETTLED = """if (location.host) {
    localStorage.setItem('mlflow.assistant.fab.autoOpenedOnFirstLoad_v1', 'true');
    localStorage.setItem('mlflow.workflowType_v1', '"machine_learning"');
}"""
"""What MLflow remembers of somebody who has closed its assistant and chosen model training before."""
FAST = [
    "task=sine",
    "seeds=2",
    "trainer.max_steps=40",
    "trainer.val_every=10",
    "trainer.log_every=10",
    "engine=stacked",
    "~task.probes.phase",
    "~task.probes.frequency",
    "~task.probes.lines",
    "~task.probes.lines_no_intercept",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def home(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address that `make ui` prints, for a store with runs of the sine: first an rnn, then an lstm."""
    folder = tmp_path_factory.mktemp("browser")
    for model in ("rnn", "lstm"):
        assert run_script("train", [*FAST, f"model={model}", f"tracking.dir={folder}"]) == 0
    with ui(Path(folder)) as served:
        yield served


@pytest.fixture(scope="module")
def address(home: str) -> str:
    """The address of the sine's runs."""
    return f"{home}/#/experiments/1/runs"


@pytest.fixture(scope="module")
def seen() -> Seen:
    return Seen()


@pytest.fixture
def tab(browser: Browser, seen: Seen) -> Iterator[Page]:
    """A page of somebody who has set MLflow up once, and has opened none of its pages since."""
    with visit(browser, seen, SETTLED) as opened:
        yield opened


@pytest.fixture(autouse=True)
def nothing_is_wrong(seen: Seen) -> Iterator[None]:
    seen.problems.clear()
    yield
    assert seen.problems_but(MLFLOWS_OWN) == []
    assert seen.hosts() == set()


def runs(tab: Page) -> Locator:
    """The names in the table of runs."""
    return tab.locator(".ag-center-cols-container a, .ag-pinned-left-cols-container a").filter(has_text="·")


def names(tab: Page) -> list[str]:
    """The names from top to bottom, however the table orders its elements."""
    placed = "found => found.map(a => [a.getBoundingClientRect().top, a.innerText.trim()])"
    return [plain_name(name) for _, name in sorted(runs(tab).evaluate_all(placed))]


def open_runs(tab: Page, address: str, count: int = 2) -> None:
    """Open a table of runs, and wait until it has as many as it should."""
    tab.goto(address)
    expect(runs(tab)).to_have_count(count, timeout=PATIENCE)


def test_the_table_lists_populations_and_says_what_they_learn(tab: Page, address: str) -> None:
    open_runs(tab, address)
    assert names(tab) == ["lstm · 2 seeds", "rnn · 2 seeds"]
    tab.get_by_text("Reproduce the sine y = 0.3 + 0.3 sin(10 x) from y alone").wait_for()
    screenshot(tab, "runs")


def test_a_population_opens_to_its_seeds(tab: Page, address: str) -> None:
    open_runs(tab, address)
    row = tab.get_by_role("row").filter(has_text=re.compile("rnn · .*2 seeds"))
    row.get_by_role("button").first.click()
    expect(runs(tab)).to_have_count(4, timeout=PATIENCE)
    assert {"rnn · seed 0", "rnn · seed 1", "lstm · 2 seeds"} < set(names(tab))
    assert not any(name.startswith("lstm · seed") for name in names(tab))
    screenshot(tab, "children")


def test_a_population_s_page_has_scores_and_pictures(tab: Page, address: str) -> None:
    open_runs(tab, address)
    runs(tab).filter(has_text=re.compile("lstm · .*2 seeds")).click()
    tab.get_by_text("2 seeds, 40 updates each: ").wait_for()
    tab.get_by_text("Show more").click()
    shown = tab.locator("table code").all_inner_texts()
    assert shown[:3] == ["val/rmse", "val/rmse_settled", "probe/amplitude/beyond/rmse"]
    widths = picture_widths(tab, "img[src*='get-artifact?path=figures']", 3)
    assert len(widths) == 3  # the fit, and the probes amplitude and map
    assert min(widths) > 500
    screenshot(tab, "population")


def test_a_probe_s_figure_is_among_the_artifacts(tab: Page, address: str) -> None:
    open_runs(tab, address)
    runs(tab).filter(has_text=re.compile("lstm · .*2 seeds")).click()
    tab.get_by_text("2 seeds, 40 updates each: ").wait_for()
    tab.goto(f"{tab.url.partition('?')[0]}/artifacts/figures/probe_amplitude.png")
    assert picture_widths(tab, "img[src^='blob:']", 1)[0] > 500
    screenshot(tab, "artifact")


def test_charts_are_in_sections_and_show_the_medians(tab: Page, address: str) -> None:
    open_runs(tab, f"{address}?compareRunsMode=CHART")
    for section in ("val", "probe/amplitude"):
        tab.get_by_text(section, exact=False).first.wait_for()
    tab.get_by_placeholder("Search metric charts").fill("^(train|val)/")
    for pictures in (r"^probe ?\(\d", r"^probe during training ?\(\d"):  # the search leaves them; a click folds them
        tab.get_by_text(re.compile(pictures)).first.click()
    tab.locator(".js-plotly-plot .scatterlayer .trace").nth(1).wait_for(state="attached")
    tab.get_by_text(re.compile(r"rnn · .*2 seeds \(train/loss\)")).first.wait_for()
    screenshot(tab, "charts")


def test_frames_of_the_fit_have_a_slider(tab: Page, address: str) -> None:
    open_runs(tab, f"{address}?compareRunsMode=CHART")
    tab.get_by_placeholder("Search metric charts").fill("^fit$")
    tab.get_by_role("slider").first.wait_for()
    widths = picture_widths(tab, "img[src*='get-artifact'], img[src^='blob:']", 2)
    assert min(widths) > 0
    screenshot(tab, "frames")


def test_sorting_by_a_metric_changes_the_order(tab: Page, address: str) -> None:
    orders = []
    for ascending in ("true", "false"):
        tab.goto("about:blank")
        open_runs(tab, f"{address}?orderByKey=metrics.%60val%2Frmse%60&orderByAsc={ascending}", 6)
        orders.append(names(tab))
    assert orders[0] == orders[1][::-1]
    assert len(set(orders[0])) == 6  # MLflow lists seeds beside populations then


def test_two_runs_are_compared(tab: Page, address: str) -> None:
    open_runs(tab, address)
    populations = tab.get_by_role("row").filter(has_text="2 seeds")
    for population in populations.all():
        population.get_by_role("checkbox").first.click()
    tab.get_by_role("button", name="Compare").click()
    tab.get_by_text("Comparing 2 Runs").first.wait_for()
    tab.get_by_text("Parallel Coordinates Plot").first.wait_for()
    screenshot(tab, "compared")


@pytest.fixture
def visitor(browser: Browser, seen: Seen) -> Iterator[Page]:
    """A page of somebody who has never been here: MLflow remembers nothing and shows what it shows at first."""
    with visit(browser, seen) as first_visit:
        yield first_visit


def test_a_new_visitor_sees_the_runs_of_a_link(visitor: Page, address: str) -> None:
    open_runs(visitor, f"{address}?workflowType=machine_learning")
    screenshot(visitor, "first_visit_runs")
    assert names(visitor) == ["lstm · 2 seeds", "rnn · 2 seeds"]


def test_a_new_visitor_s_first_click_shows_the_runs(visitor: Page, home: str) -> None:
    visitor.goto(home)
    visitor.get_by_role("link", name="sine", exact=True).first.click()
    expect(runs(visitor)).to_have_count(2, timeout=PATIENCE)
    screenshot(visitor, "first_visit")
    assert names(visitor) == ["lstm · 2 seeds", "rnn · 2 seeds"]


def test_the_view_has_columns_for_scores_and_the_probe_figures_side_by_side(visitor: Page, address: str) -> None:
    open_runs(visitor, runs_address(address.partition("/#")[0], "1", has_view=True))
    headers = visitor.locator(".ag-header-cell-text, [role=columnheader]")
    for column in ("model", "val/rmse", "probe/amplitude/beyond/rmse"):
        expect(headers.filter(has_text=re.compile(f"^{column}$")).first).to_be_attached(timeout=PATIENCE)
    assert headers.filter(has_text=re.compile("^hidden_size$")).count() == 0
    visitor.goto("about:blank")
    visitor.goto(f"{runs_address(address.partition('/#')[0], '1', has_view=True)}&compareRunsMode=CHART")
    visitor.get_by_text("Probe figures").first.wait_for()
    assert min(picture_widths(visitor, "td img[src*='images'], [role=cell] img", 4)) > 500
    screenshot(visitor, "probe_figures")
