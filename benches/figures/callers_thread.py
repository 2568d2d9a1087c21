"""start(), status() and stop() on the server's own thread."""

from statistics import median

from measuring.callers_thread import calls
from measuring.table import Row, Section, quantile

RUNS = 10_000


def section() -> Section:
    values = calls(RUNS)
    rows = []
    for call, budget, tail in (
        ("start()", "start_median_us", "start_p99_us"),
        ("start() while an attempt hangs", "start_median_us", "start_p99_us"),
        ("status()", "status_median_us", None),
        ("status() while an attempt hangs", "status_median_us", None),
    ):
        micros = [ns / 1000 for ns in values[f"{call}, ns"]]
        rows += [
            Row(f"{call}, median", median(micros), "µs", budget, f"n = {RUNS:,}"),
            Row(f"{call}, p99", quantile(micros, 0.99), "µs", tail, f"most {max(micros):,.0f} µs"),
        ]
    for call in ("start()", "status()"):
        counts = values[f"{call}, allocations"]
        budget = f"allocations_{call[:-2]}"
        rows.append(Row(f"{call}, allocations", median(counts), "", budget, f"most {max(counts)}"))
    stop = values["stop() while an attempt hangs, ns"][0] / 1e6
    rows.append(Row("stop() while an attempt hangs", stop, "ms", "stop_ms", "n = 1"))
    return Section("callers_thread", "on the caller's thread", rows)
