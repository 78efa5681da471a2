"""The tables of docs/scaling.md, from docs/scaling_*.csv; docs/tables.py writes them into the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from seqprobe.bench.counted_requests import FILE, KINDS, OTHER
from seqprobe.bench.key_values import kept_rows
from seqprobe.bench.simulation_check import Compared, compared_loads, compared_sweeps

Rows = Sequence[Sequence[str]]
MIB = 2**20


def markdown(header: Sequence[str], rows: Rows) -> str:
    """A Markdown table."""
    return "\n".join("| " + " | ".join(line) + " |" for line in [header, ["---"] * len(header), *rows])


def digits(value: str | float, count: int = 2) -> str:
    """A number in few digits, without exponents; empty stays empty."""
    if value == "":
        return "–"
    rounded = float(f"{float(value):.{count}g}")
    return f"{rounded:,.0f}" if rounded >= 1000 else f"{rounded:g}"


def by_seeds(rows: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Rows in the order of their numbers of seeds."""
    return sorted(rows, key=lambda row: int(row["seeds"]))


def population_table() -> str:
    """What a population costs by its number of seeds."""
    header = ["seeds", "ms an update", "training", "probing", "drawing", "recording", "in all", "MiB of memory"]
    header += ["rows: values", "others", "MiB in the database", "MiB of files", "files"]
    rows = []
    for row in by_seeds(kept_rows("populations")):
        others = sum(int(row[table]) for table in ("runs", "latest_metrics", "params", "tags"))
        seconds = [digits(row[phase]) for phase in ("training", "probing", "drawing", "recording", "processor")]
        sizes = [digits(float(row[column]) / MIB) for column in ("database_bytes", "artifact_bytes")]
        cells = [f"{int(row['seeds']):,}", digits(row["ms_per_update"]), *seconds, digits(row["memory_mib"], 3)]
        rows.append([*cells, f"{int(row['metrics']):,}", f"{others:,}", *sizes, f"{int(row['files']):,}"])
    return markdown(header, rows)


def request_table() -> str:
    """The requests of a population by kind."""
    kinds = [*KINDS, OTHER]
    rows = [
        [f"{int(row['seeds']):,}", row["known"], digits(row["seconds"]), *(row[kind] for kind in kinds), row[FILE]]
        for row in by_seeds(kept_rows("requests"))
    ]
    return markdown(["seeds", "of them known", "s that passed", *kinds, "in all"], rows)


def store_table() -> str:
    """What a store costs by its number of populations."""
    header = ["populations", "rows", "MiB", "check, ms", "opening runs, ms", "recording one, ms"]
    header += ["closing a sweep, s", "MLflow's first page, ms"]
    rows = []
    for row in sorted(kept_rows("stores"), key=lambda row: int(row["populations"])):
        columns = ("check_seconds", "opening_seconds", "recording_seconds")
        times = [digits(1000 * float(row[column]), 3) for column in columns]
        size, page = digits(float(row["database_bytes"]) / MIB, 3), digits(1000 * float(row["page_seconds"]), 3)
        counts = [f"{int(row['populations']):,}", f"{int(row['rows']):,}"]
        rows.append([*counts, size, *times, digits(row["closing_seconds"]), page])
    return markdown(header, rows)


def load_table() -> str:
    """What stores take from several writers."""
    header = ["store", "writers", "populations a second", "one population, median s", "worst, s"]
    header += ["processor of its writer, s", "of the server and database, s"]
    columns = ("per_second", "median_seconds", "worst_seconds", "processor_seconds", "server_seconds")
    rows = sorted(kept_rows("load"), key=lambda row: (row["store"] != "sqlite", int(row["writers"])))
    return markdown(header, [[row["store"], row["writers"], *(digits(row[key]) for key in columns)] for row in rows])


def pool_table() -> str:
    """What pools cost for each request."""
    header = ["pool", "requests", "submitted after, s", "first one after, s", "all after, s", "each further one, ms"]
    return markdown(header, [pool_cells(row) for row in kept_rows("pools")])


def pool_cells(row: Mapping[str, str]) -> list[str]:
    """A line of the table of pools; requests that were submitted alone have no end."""
    submitted, count = digits(row["submit_seconds"]), int(row["requests"])
    if row["run"] == "false":
        return [row["pool"], f"{count:,}", submitted, "held", "–", "–"]
    each = 1000 * (float(row["seconds"]) - float(row["first_seconds"])) / (count - 1)
    return [row["pool"], f"{count:,}", submitted, digits(row["first_seconds"]), digits(row["seconds"], 3), digits(each)]


def advice_table() -> str:
    """What is simulated for sweeps of each size."""
    header = ["populations", "store", "its processes", "pool", "workers", "hours", "core-hours", "workers busy"]
    header += ["store busy", "limited by", "longest wait, s", "rows, millions", "requests, millions"]
    header += ["GiB in the database", "GiB of files", "GiB of memory"]
    rows = []
    for row in sorted(kept_rows("simulated"), key=lambda row: (int(row["populations"]), float(row["hours"]))):
        busy = [f"{100 * float(row[part]):.0f} %" for part in ("workers busy", "store busy")]
        sizes = [*(float(row[count]) / 1e6 for count in ("rows", "requests")), row["database GiB"]]
        sizes += [row["artifacts GiB"], row["workers' memory GiB"]]
        stated = [f"{int(row['populations']):,}", *(row[key] for key in ("store", "servers", "pool", "workers"))]
        found = [digits(row["hours"]), digits(row["core-hours"]), *busy, row["bottleneck"]]
        rows.append([*stated, *found, digits(row["longest wait there, s"]), *map(digits, sizes)])
    return markdown(header, rows)


def comparison_table() -> str:
    """Simulated figures beside measured ones."""
    compared: list[Compared] = [*compared_loads("sqlite"), *compared_loads("server"), *compared_sweeps()]
    rows = [
        [one.name, one.unit, digits(one.measured), digits(one.simulated), "input" if one.is_input else percent(one)]
        for one in compared
    ]
    return markdown(["what", "in", "measured", "simulated", "difference"], rows)


def percent(compared: Compared) -> str:
    """The difference in percent."""
    return f"{100 * compared.difference:+.0f} %"


SCALING = {
    "populations": population_table,
    "requests": request_table,
    "stores": store_table,
    "loads": load_table,
    "pools": pool_table,
    "advice": advice_table,
    "simulated": comparison_table,
}
"""The generated parts of docs/scaling.md, and what makes them."""
