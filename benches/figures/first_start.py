"""The whole first start, from making a Telemetry to "reported" on disk; and in turn with it the same
job done by usual_script.sh."""

import os
import time
from dataclasses import dataclass

from measuring.instance import Figures, Start
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

# What the library and the script took, one after the other.
Pairs = list[tuple[Figures, Figures]]


def section(here: Scene) -> Section:
    rows = []
    for name in _CALLS:
        pairs = _in_turn(here, name)
        rows += _cpu(name, pairs)
        rows += _compared(name, "wall_us", "µs", None, pairs)
        rows += _compared(name, "page_faults", "", None, pairs)
        peaks = [ours["peak_kib"] for ours, _ in pairs]
        rows.append(median_row(f"{name}: peak memory, growth of the server", peaks, "KiB"))
        rows.append(_calls(here, name))
    if IN_MEMORY:
        with scene(IN_MEMORY) as in_memory:
            rows += _cpu("http, dbpath in memory", _in_turn(in_memory, "http"))
    return Section("first_start", "the whole first start", rows)


def _starts(here: Scene, name: str) -> tuple[Start, "_Script"]:
    """One by the library and one by the script."""
    cas = here.authority
    start, trust = {
        "http": lambda: (here.http_start(), ()),
        "https": lambda: (here.https_start(), ("--cacert", str(cas.alone))),
        "https, all CAs": lambda: (
            here.https_start_with_the_systems_cas(),
            ("--cacert", str(cas.among_the_systems)),
        ),
    }[name]()
    return start, _Script(str(here.dbpath()), start.url, trust)


def _in_turn(here: Scene, name: str) -> Pairs:
    pairs = [_starts(here, name) for _ in range(ROUNDS)]
    return [(start.measured(), script.measured()) for start, script in pairs]


def _compared(name: str, figure: str, unit: str, budget: str | None, pairs: Pairs) -> list[Row]:
    return [
        median_row(f"{name}: {_NAMES[figure]}", [ours[figure] for ours, _ in pairs], unit, budget),
        median_row(f"{name}: {_NAMES[figure]} of the script", [its[figure] for _, its in pairs], unit),
    ]


def _cpu(name: str, pairs: Pairs) -> list[Row]:
    # The design grants a time to http alone.
    budget = "first_start_cpu_us" if not name.startswith("https") else None
    ours, script = _compared(name, "cpu_us", "µs", budget, pairs)
    share = ours.figure / script.figure
    return [ours, script, Row(f"{name}: CPU, share of the script's", share, "", "share_of_script")]


def _calls(here: Scene, name: str) -> Row:
    try:
        calls = traced(_starts(here, name)[0], here.folder)
    except Missing as missing:
        return Row(f"{name}: system calls", None, note=str(missing))
    waits = len(calls) - len(countable(calls))
    return Row(f"{name}: system calls", len(countable(calls)), "", _CALLS[name],
               f"and {waits} of threads that wait for each other")


@dataclass(frozen=True)
class _Script:
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
