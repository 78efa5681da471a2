"""Costs of a simulated sweep are those of measured rows; wrong arguments are refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqprobe.bench import key_values
from seqprobe.bench.key_values import keep_rows, kept_rows, read_settings
from seqprobe.bench.measured_costs import Sweep, line_value, sweep_costs, sweep_sizes
from seqprobe.bench.simulation import main
from seqprobe.checks import InvalidValue

POPULATION = {
    **{"seeds": 1, "updates": 500, "ms_per_update": 2.0, "processor": 10.0, "imports": 6.0, "recording": 1.0},
    **{"memory_mib": 512, "runs": 2, "metrics": 10, "latest_metrics": 2, "params": 2, "tags": 4},
    **{"database_bytes": 2**20, "artifact_bytes": 2**21},
}
LOAD = [
    {"store": "sqlite", "writers": 1, "seeds": 1, "per_second": 1.0, "processor_seconds": 0.5, "server_seconds": 0.0},
    {"store": "postgresql", "writers": 1, "seeds": 1, "processor_seconds": 0.25, "server_seconds": 0.125},
]
REQUESTS = [{"seeds": 1, "known": 0, "requests": 13}, {"seeds": 3, "known": 0, "requests": 15}]
REQUESTS += [{"seeds": 2, "known": 1, "requests": 20}]
STORES = [{"populations": 1, "recording_seconds": 1.0}, {"populations": 1001, "recording_seconds": 1.5}]
POOL = {"pool": "processes", "compose_seconds": 0.25, "compose_kib": 1024, "submit_seconds": 0.0, "run": "true"}


@pytest.fixture(autouse=True)
def _figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures that were measured, in a folder of their own."""
    monkeypatch.setattr(key_values, "kept_file", lambda name: tmp_path / f"{name}.csv")
    keep_rows("populations", [POPULATION, {**POPULATION, "seeds": 3, "processor": 14.0, "metrics": 30}], ["seeds"])
    keep_rows("load", LOAD, ["store", "writers"])
    keep_rows("stores", STORES, ["populations"])
    keep_rows("requests", REQUESTS, ["seeds", "known"])
    keep_rows(
        "pools", [{**POOL, "requests": 11, "at_a_time": 2, "first_seconds": 0.25, "seconds": 4.0}], ["pool", "requests"]
    )


def test_costs_come_from_the_measured_rows() -> None:
    costs = sweep_costs(Sweep(seeds=2, updates=1000))
    assert costs.training == pytest.approx((12 - 6 - 1) + 500 * 0.002)
    assert (costs.service, costs.composing, costs.start, costs.dispatch) == (0.5, 0.25, 0.5, 0.0)
    assert costs.growth == pytest.approx(0.5 / 1000)
    server = sweep_costs(Sweep(seeds=2, updates=1000, store="server", servers=4))
    assert (server.training, server.service, server.servers) == (costs.training + 0.25, 0.125, 4)
    sizes = sweep_sizes(Sweep(populations=1024, seeds=2, workers=4))
    assert sizes == {
        "rows": 1024 * (2 + 20 + 2 + 2 + 4),
        "requests": 0.0,
        "database GiB": 1.0,
        "artifacts GiB": 2.0,
        "workers' memory GiB": 2.0,
        "a command's memory GiB": 1.0,
    }
    assert sweep_sizes(Sweep(populations=1000, seeds=2, store="server"))["requests"] == 14_000


def test_costs_between_and_beyond_measured_points_are_on_straight_lines() -> None:
    rows = [{"x": "1", "y": "10"}, {"x": "3", "y": "20"}, {"x": "2", "y": ""}, {"x": "5", "y": "20"}]
    assert [line_value(rows, "x", "y", x) for x in (0, 1, 2, 3, 4, 9)] == [5, 10, 15, 20, 20, 20]


def test_rows_that_are_measured_again_replace_those_that_were_kept() -> None:
    keep_rows("load", [{**LOAD[1], "per_second": 2.34567}], ["store", "writers"])
    assert [row["per_second"] for row in kept_rows("load")] == ["1", "2.346"]
    assert [row["server_seconds"] for row in kept_rows("load")] == ["0", "0.125"]


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("population=3", "population=3: unknown key; allowed here: populations"),
        ("populations=0", "populations=0: must be an integer >= 1"),
        ("workers=many", "workers=many: must be an integer >= 1"),
        ("store=mysql", "store=mysql: must be one of sqlite, server"),
        ("pool=slrm", "pool=slrm: must be one of processes, ray, slurm; did you mean slurm?"),
        ("servers=2", "servers=2: must be 1 with store=sqlite"),
        ("commands=2", "commands=2: must be 1 with pool=processes"),
        ("seeds=[", "seeds=[: must be a value in YAML"),
        ("workers", "workers=: must be key=value"),
    ],
)
def test_a_wrong_argument_is_named(argument: str, message: str) -> None:
    with pytest.raises(InvalidValue) as problem:
        read_settings([argument], Sweep)
    assert str(problem.value).startswith(message)


def test_the_command_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    main(["populations=36", "seeds=1", "updates=500", "workers=1"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "| figure | simulated |"
    assert "| bottleneck | workers |" in lines
    assert "| rows | 720 |" in lines
