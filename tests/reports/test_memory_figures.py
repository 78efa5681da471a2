"""Figures about memory, from populations whose numbers are known."""

from __future__ import annotations

import numpy as np
import pytest
from reports.claims.synthetic_runs import Population

from seqprobe.reports.memory_figures import GRADIENT_STEPS, GRADIENTS, LONG_LAGS, gradient_flow, long_lags
from seqprobe.reports.reproduction_figures import DRAWINGS, drawn_figures


def test_accuracies_are_drawn_over_the_lags_that_were_trained() -> None:
    runs = {
        run: Population({"val/accuracy": [1 - lag / 100, 0.5], "reference/constant": [0.25, 0.25]})
        for of_lag in LONG_LAGS.values()
        for lag, run in of_lag.items()
    }
    drawing = long_lags(runs)
    assert drawing is not None
    medians = [line for line in drawing.axes[0].lines if list(line.get_xdata()) == [10, 20, 50]]
    assert len(medians) == len(LONG_LAGS)
    np.testing.assert_allclose(medians[0].get_ydata(), [0.7, 0.65, 0.5])
    assert long_lags(dict(list(runs.items())[1:])) is None


def test_gradients_are_drawn_before_and_after_training() -> None:
    def population(share: float) -> Population:
        shares = {f"probe/gradient/{k}/untrained": [share**k] for k in GRADIENT_STEPS}
        return Population(shares | {f"probe/gradient/{k}/kept": [0.5] for k in GRADIENT_STEPS})

    runs = {run: population(0.9 - 0.1 * place) for place, run in enumerate(GRADIENTS.values())}
    drawing = gradient_flow(runs)
    assert drawing is not None
    before, after = drawing.axes[:2]
    assert before.get_yscale() == after.get_yscale() == "log"
    np.testing.assert_allclose(before.lines[0].get_ydata(), 0.9 ** np.array(GRADIENT_STEPS))
    np.testing.assert_allclose(after.lines[0].get_ydata(), 0.5)
    assert gradient_flow({}) is None


@pytest.mark.parametrize("name", ["long_lags", "gradient_flow"])
def test_a_drawing_lists_all_trainings_that_it_shows(name: str) -> None:
    assert drawn_figures([name], {}) == {}
    shown = {"long_lags": {run for of_lag in LONG_LAGS.values() for run in of_lag.values()}}
    assert set(DRAWINGS[name].runs) == shown.get(name, set(GRADIENTS.values()))
