"""A start that has nothing to do: reported before, or off."""

from measuring.needs import Missing
from measuring.scene import Scene
from measuring.silence import sockets, writes
from measuring.strace import countable, traced
from measuring.table import Row, Section, median_row

RUNS = 100


def section(scene: Scene) -> Section:
    rows = []
    for name, make, calls_budget in (
        ("reported before", scene.second_start, "system_calls_nothing_to_do"),
        ("off", scene.start_while_off, "system_calls_off"),
    ):
        runs = [make().measured() for _ in range(RUNS)]
        cpu = [run["cpu_us"] for run in runs]
        left = max(run["threads"] for run in runs)
        rows += [
            median_row(f"{name}: CPU", cpu, "µs", "nothing_to_do_cpu_us"),
            Row(f"{name}: threads left", left, "", "threads_left"),
        ]
        try:
            calls = traced(make(), scene.folder)
        except Missing as missing:
            rows.append(Row(f"{name}: system calls", None, note=str(missing)))
            continue
        rows += [
            Row(f"{name}: system calls", len(countable(calls)), "", calls_budget),
            Row(f"{name}: sockets", len(sockets(calls)), "", "sockets_with_nothing_to_do"),
            Row(f"{name}: writes", len(writes(calls)), "", "writes_with_nothing_to_do"),
        ]
    return Section("nothing_to_do", "a start with nothing to do", rows)
