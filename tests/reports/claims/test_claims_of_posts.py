"""The measure of each claim in conf/claim, on synthetic populations with numbers on both sides of its limits.

A claim whose measure reads another run, metric or value, or has its arguments swapped, fails here.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from reports.claims import cases_post0, cases_post1, cases_post2
from reports.claims.synthetic_runs import Population, Runs, pair
from scripts import ROOT

from seqprobe.config.claim_files import load_claims
from seqprobe.reports.claims import Claim, Part
from seqprobe.reports.claims.recorded_run import run_title

CLAIMS = {claim.name: claim for claim in load_claims([ROOT / "conf"])}
CASES = {
    f"post{post}/{name}": parts
    for post, module in enumerate((cases_post0, cases_post1, cases_post2))
    for name, parts in module.CASES.items()
}
ARCHITECTURES = {f"post2/architectures/{name}": parts for name, parts in cases_post2.ARCHITECTURES.items()}
PARTS = [(name, index) for name, parts in CASES.items() for index in range(len(parts))]
RATIOS = [(name, index) for name, parts in ARCHITECTURES.items() for index in range(len(parts))]


def truths(claim: Claim, part: Part, runs: Runs) -> list[bool]:
    """Of which seeds a part is true, from these populations alone, every number of which has to be read."""
    labelled: Mapping[str, Population] = {
        label: runs.get(run_title(overrides), Population()) for label, overrides in claim.runs.items()
    }
    true = part.is_true_of(part.measure.values(labelled)).tolist()
    assert {name: population.unread for name, population in runs.items() if population.unread} == {}
    return true


def test_every_part_of_every_claim_has_its_numbers() -> None:
    counted = {name: len(parts) for name, parts in {**CASES, **ARCHITECTURES}.items()}
    assert counted == {name: len(claim.parts) for name, claim in CLAIMS.items()}


@pytest.mark.parametrize(("name", "index"), PARTS, ids=[f"{name}-{index}" for name, index in PARTS])
def test_a_part_is_true_of_the_first_seed_alone(name: str, index: int) -> None:
    claim = CLAIMS[name]
    found = truths(claim, claim.parts[index], CASES[name][index])
    assert found == [True, *[False] * (len(found) - 1)]
    assert len(found) > 1 or "parameters" in name


@pytest.mark.parametrize("name", [name for name in CASES if "/parameters/" in name])
@pytest.mark.parametrize("difference", [-1, 1])
def test_a_number_of_parameters_is_exact(name: str, difference: int) -> None:
    claim = CLAIMS[name]
    ((run, right),) = CASES[name][0].items()
    wrong = Population({}, {"parameters": str(int(right.params["parameters"]) + difference)})
    assert truths(claim, claim.parts[0], {run: wrong}) == [False]


@pytest.mark.parametrize(("name", "index"), RATIOS, ids=[f"{name}-{index}" for name, index in RATIOS])
def test_architectures_are_compared_by_the_median_of_paired_ratios(name: str, index: int) -> None:
    claim = CLAIMS[name]
    other, lstm, metric = ARCHITECTURES[name][index]
    low, high = cases_post2.LIMITS[metric]
    for ratio, expected in ((high, True), (high * 1.01, False), (low, True), (low * 0.99, False)):
        numbers = [(ratio, 1.0), (9.0, 1.0), (0.1, 1.0)]  # the median is the first seed's
        assert truths(claim, claim.parts[index], pair((other, metric), (lstm, metric), *numbers)) == [expected]
