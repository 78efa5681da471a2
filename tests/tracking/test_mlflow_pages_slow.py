"""What people see of runs in MLflow's own pages, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import MLFLOWS_OWN, Seen, executable, page, screenshot, shown_widths, ui
from playwright.sync_api import Locator, Page
from scripts import run_script

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


@pytest.fixture(scope="module", autouse=True)
def chromium() -> str:
    return executable()


@pytest.fixture(scope="module")
def address(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the sine's runs: an rnn that was trained first, and an lstm."""
    folder = tmp_path_factory.mktemp("browser")
    for model in ("rnn", "lstm"):
        assert run_script("train", [*FAST, f"model={model}", f"tracking.dir={folder}"]) == 0
    with ui(Path(folder)) as served:
        yield f"{served}/#/experiments/1/runs"


@pytest.fixture(scope="module")
def seen() -> Seen:
    return Seen()


@pytest.fixture(scope="module")
def tab(seen: Seen, address: str) -> Iterator[Page]:
    with page(seen) as opened:
        opened.add_init_script(SETTLED)
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
    return [name for _, name in sorted(runs(tab).evaluate_all(placed))]


def opened(tab: Page, address: str, first: str) -> None:
    """Open a table of runs, and wait for a name in it."""
    tab.goto("about:blank")
    tab.goto(address)
    runs(tab).filter(has_text=first).first.wait_for()


def test_the_table_lists_populations_and_says_what_they_learn(tab: Page, address: str) -> None:
    opened(tab, address, "lstm · 2 seeds")
    assert names(tab) == ["lstm · 2 seeds", "rnn · 2 seeds"]
    tab.get_by_text("Reproduce the sine y = 0.3 + 0.3 sin(10 x) from y alone").wait_for()
    screenshot(tab, "runs")


def test_a_population_opens_to_its_seeds(tab: Page, address: str) -> None:
    opened(tab, address, "rnn · 2 seeds")
    row = tab.get_by_role("row").filter(has_text="rnn · 2 seeds")
    row.get_by_role("button").first.click()
    runs(tab).filter(has_text="rnn · seed 1").wait_for()
    assert {"rnn · seed 0", "rnn · seed 1", "lstm · 2 seeds"} < set(names(tab))
    assert not any(name.startswith("lstm · seed") for name in names(tab))
    screenshot(tab, "children")


def test_a_population_s_page_has_scores_and_pictures(tab: Page, address: str) -> None:
    opened(tab, address, "lstm · 2 seeds")
    runs(tab).filter(has_text="lstm · 2 seeds").click()
    tab.get_by_text("2 seeds, 40 updates each.").wait_for()
    tab.get_by_text("Show more").click()
    assert tab.locator("table code").all_inner_texts()[:3] == ["val/rmse", "val/rmse_settled", "probe/amplitude/rmse"]
    widths = shown_widths(tab, "img[src*='get-artifact?path=figures']")
    assert len(widths) == 3  # the fit, and the probes amplitude and map
    assert min(widths) > 500
    screenshot(tab, "population")


def test_a_probe_s_figure_is_among_the_artifacts(tab: Page, address: str) -> None:
    opened(tab, address, "lstm · 2 seeds")
    runs(tab).filter(has_text="lstm · 2 seeds").click()
    tab.get_by_text("2 seeds, 40 updates each.").wait_for()
    tab.goto(f"{tab.url.partition('?')[0]}/artifacts/figures/probe_amplitude.png")
    assert shown_widths(tab, "img[src^='blob:']")[0] > 500
    screenshot(tab, "artifact")


def test_charts_are_in_sections_and_show_the_medians(tab: Page, address: str) -> None:
    opened(tab, f"{address}?compareRunsMode=CHART", "lstm · 2 seeds")
    for section in ("best/val", "probe/amplitude"):
        tab.get_by_text(section, exact=False).first.wait_for()
    tab.get_by_placeholder("Search metric charts").fill("^(train|val)/")
    tab.locator(".js-plotly-plot .scatterlayer .trace").nth(1).wait_for(state="attached")
    tab.get_by_text("rnn · 2 seeds (train/loss)").first.wait_for()
    screenshot(tab, "charts")


def test_frames_of_the_fit_have_a_slider(tab: Page, address: str) -> None:
    opened(tab, f"{address}?compareRunsMode=CHART", "lstm · 2 seeds")
    tab.get_by_placeholder("Search metric charts").fill("^fit$")
    tab.get_by_role("slider").first.wait_for()
    widths = shown_widths(tab, "img[src*='get-artifact'], img[src^='blob:']")
    assert len(widths) >= 2
    assert min(widths) > 0
    screenshot(tab, "frames")


def test_sorting_by_a_metric_changes_the_order(tab: Page, address: str) -> None:
    orders = []
    for ascending in ("true", "false"):
        opened(tab, f"{address}?orderByKey=metrics.%60val%2Frmse%60&orderByAsc={ascending}", "lstm · 2 seeds")
        orders.append(names(tab))
    assert orders[0] == orders[1][::-1]
    assert len(orders[0]) == 6  # MLflow lists seeds beside populations then


def test_two_runs_are_compared(tab: Page, address: str) -> None:
    opened(tab, address, "lstm · 2 seeds")
    for population in tab.get_by_role("row").filter(has_text="2 seeds").all():
        population.get_by_role("checkbox").first.click()
    tab.get_by_role("button", name="Compare").click()
    tab.get_by_text("Comparing 2 Runs").first.wait_for()
    tab.get_by_text("Parallel Coordinates Plot").first.wait_for()
    screenshot(tab, "compared")
