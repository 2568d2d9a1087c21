"""The whole first start, from making a Telemetry to "reported" on disk; and in turn with it the same
job done by usual_script.sh and, over http, by programs/floor.c."""

import os
import time
from dataclasses import dataclass, replace

from measuring.instance import FLOOR, Figures, Start
from measuring.needs import Missing
from measuring.places import IN_MEMORY, ROOT
from measuring.scene import Scene, scene
from measuring.strace import countable, traced
from measuring.table import Row, Section, median_row

ROUNDS = 30
_CALLS = {
    "http": "system_calls_http",
    "https": "system_calls_https",
    "https, all CAs": "system_calls_https_all_cas",
}
_NAMES = {"cpu_us": "CPU", "wall_us": "wall", "page_faults": "page faults"}
SCRIPT = str(ROOT / "benches/usual_script.sh")

OURS, OF_SCRIPT, OF_FLOOR = "", " of the script", " of the floor"
# What each took, one after the other.
Runs = dict[str, list[Figures]]


def section(here: Scene) -> Section:
    rows = []
    for name in _CALLS:
        runs = _in_turn(here, name)
        rows += _cpu(name, runs)
        rows += _compared(name, "wall_us", "µs", None, runs)
        rows += _compared(name, "page_faults", "", None, runs)
        peaks = [figures["peak_kib"] for figures in runs[OURS]]
        rows.append(median_row(f"{name}: peak memory, growth of the server", peaks, "KiB"))
        rows.append(_calls(name, here, _starts(here, name)[OURS]))
    rows.append(_calls("http, floor", here, _floor(here)))
    if IN_MEMORY:
        with scene(IN_MEMORY) as in_memory:
            rows += _cpu("http, dbpath in memory", _in_turn(in_memory, "http"))
    return Section("first_start", "the whole first start", rows)


def _floor(here: Scene) -> Start:
    return replace(here.http_start(), program=FLOOR)


def _starts(here: Scene, name: str) -> dict[str, "Start | Script"]:
    """One by each."""
    cas = here.authority
    start, trust = {
        "http": lambda: (here.http_start(), ()),
        "https": lambda: (here.https_start(), ("--cacert", str(cas.alone))),
        "https, all CAs": lambda: (
            here.https_start_with_the_systems_cas(),
            ("--cacert", str(cas.among_the_systems)),
        ),
    }[name]()
    starts = {OURS: start, OF_SCRIPT: Script(str(here.dbpath()), start.url, trust)}
    return starts | ({OF_FLOOR: _floor(here)} if name == "http" else {})


def _in_turn(here: Scene, name: str) -> Runs:
    rounds = [_starts(here, name) for _ in range(ROUNDS)]
    took = [{who: start.measured() for who, start in starts.items()} for starts in rounds]
    return {who: [figures[who] for figures in took] for who in rounds[0]}


def _compared(name: str, figure: str, unit: str, budget: str | None, runs: Runs) -> list[Row]:
    return [
        median_row(f"{name}: {_NAMES[figure]}{who}", [figures[figure] for figures in its], unit,
                   None if who else budget)
        for who, its in runs.items()
        if figure in its[0]
    ]


def _cpu(name: str, runs: Runs) -> list[Row]:
    # The design grants a time to http alone.
    budget = "first_start_cpu_us" if not name.startswith("https") else None
    rows = _compared(name, "cpu_us", "µs", budget, runs)
    cpu = {who: row.figure for who, row in zip(runs, rows, strict=True)}
    rows.append(Row(f"{name}: CPU, share of the script's", cpu[OURS] / cpu[OF_SCRIPT]))
    if OF_FLOOR in cpu:
        times = cpu[OURS] / cpu[OF_FLOOR]
        rows.append(Row(f"{name}: CPU, times the floor's", times, "", "times_floor"))
    return rows


def _calls(name: str, here: Scene, start: Start) -> Row:
    try:
        calls = traced(start, here.folder)
    except Missing as missing:
        return Row(f"{name}: system calls", None, note=str(missing))
    waits = len(calls) - len(countable(calls))
    return Row(f"{name}: system calls", len(countable(calls)), "", _CALLS.get(name),
               f"and {waits} of threads that wait for each other")


@dataclass(frozen=True)
class Script:
    dbpath: str
    url: str
    options: tuple[str, ...]

    @property
    def command(self) -> list[str]:
        return ["sh", SCRIPT, self.dbpath, self.url, *self.options]

    def measured(self) -> Figures:
        """Of the shell and of all processes that it starts."""
        begin = time.monotonic()
        process = os.posix_spawnp("sh", self.command, {"PATH": os.environ["PATH"]})
        _, status, usage = os.wait4(process, 0)
        assert status == 0, f"{self.command} ended with {status}"
        return {
            "wall_us": 1e6 * (time.monotonic() - begin),
            "cpu_us": 1e6 * (usage.ru_utime + usage.ru_stime),
            "page_faults": usage.ru_minflt + usage.ru_majflt,
        }
