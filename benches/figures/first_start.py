"""The whole first start, from making a Telemetry to "reported" on disk; and in turn with it the same
job done by usual_script.sh."""

import os
import re
import subprocess
import time
from dataclasses import dataclass
from statistics import median

from measuring.instance import Figures, Start
from measuring.needs import Missing, need_strace
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
SCRIPT = str(ROOT / "benches/usual_script.sh")


def section(here: Scene) -> Section:
    rows = []
    for name in _CALLS:
        ours, theirs = _in_turn(here, name)
        rows += [*_cpu(name, ours, theirs), *_others(name, ours, theirs)]
        rows += [*_memory(here, name, ours), *_calls(here, name)]
    if IN_MEMORY:
        with scene(IN_MEMORY) as in_memory:
            rows += _cpu("http, dbpath in memory", *_in_turn(in_memory, "http"))
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


def _in_turn(here: Scene, name: str) -> tuple[list[Figures], list[Figures]]:
    pairs = [_starts(here, name) for _ in range(ROUNDS)]
    both = [(start.measured(), script.measured()) for start, script in pairs]
    return [ours for ours, _ in both], [theirs for _, theirs in both]


def _of(runs: list[Figures], figure: str) -> list[float]:
    return [run[figure] for run in runs]


def _cpu(name: str, ours: list[Figures], theirs: list[Figures]) -> list[Row]:
    # The design grants a time to http alone.
    budget = "first_start_cpu_us" if name.startswith("http,") or name == "http" else None
    share = median(_of(ours, "cpu_us")) / median(_of(theirs, "cpu_us"))
    return [
        median_row(f"{name}: CPU", _of(ours, "cpu_us"), "µs", budget),
        median_row(f"{name}: CPU of the script", _of(theirs, "cpu_us"), "µs"),
        Row(f"{name}: CPU, share of the script's", share, "", "share_of_script"),
    ]


def _others(name: str, ours: list[Figures], theirs: list[Figures]) -> list[Row]:
    return [
        median_row(f"{name}: wall", _of(ours, "wall_us"), "µs"),
        median_row(f"{name}: wall of the script", _of(theirs, "wall_us"), "µs"),
        median_row(f"{name}: page faults", _of(ours, "page_faults"), ""),
        median_row(f"{name}: page faults of the script", _of(theirs, "page_faults"), ""),
    ]


def _memory(here: Scene, name: str, ours: list[Figures]) -> list[Row]:
    _, script = _starts(here, name)
    return [
        median_row(f"{name}: peak memory, growth of the server", _of(ours, "peak_kib"), "KiB"),
        Row(f"{name}: peak memory of the script", script.peak_kib(here), "KiB", None,
            "its largest process"),
    ]


def _calls(here: Scene, name: str) -> list[Row]:
    start, script = _starts(here, name)
    try:
        calls = traced(start, here.folder)
        theirs, processes = script.system_calls(here)
    except Missing as missing:
        return [Row(f"{name}: system calls", None, note=str(missing))]
    waits = len(calls) - len(countable(calls))
    return [
        Row(f"{name}: system calls", len(countable(calls)), "", _CALLS[name],
            f"and {waits} of threads that wait for each other"),
        Row(f"{name}: system calls of the script", theirs, "", None, f"in {processes} processes"),
    ]


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

    def peak_kib(self, here: Scene) -> int:
        """Of the largest of its processes. Asked of time(1): what a process had before it became
        another program counts too, and this one is large."""
        told = here.folder / "peak"
        run = ["/usr/bin/time", "--format", "%M", "--output", str(told), *self.command]
        subprocess.run(run, check=True)
        return int(told.read_text())

    def system_calls(self, here: Scene) -> tuple[int, int]:
        """How many, and in how many processes."""
        need_strace()
        trace = here.folder / "script.trace"
        subprocess.run(["strace", "-f", "-o", str(trace), *self.command], check=True)
        lines = trace.read_text(errors="replace").splitlines()
        calls = [line for line in lines if re.match(r"\d+ +\w+\(", line)]
        return len(calls), len({line.split()[0] for line in calls})
