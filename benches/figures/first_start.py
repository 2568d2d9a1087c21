"""The whole first start, from making a Telemetry to "reported" on disk; in turn with it, in the same
run, the same job done by usual_script.sh."""

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from measuring.instance import Figures, Start
from measuring.needs import Missing, need_strace
from measuring.places import ROOT
from measuring.scene import Scene
from measuring.strace import countable, traced
from measuring.table import Row, Section, median_row

ROUNDS = 30
_CALLS = {
    "http": "system_calls_http",
    "https": "system_calls_https",
    "https, all CAs": "system_calls_https_all_cas",
}
SCRIPT = str(ROOT / "benches/usual_script.sh")


def section(scene: Scene) -> Section:
    cas = scene.authority
    trust_one = ("--cacert", str(cas.alone))
    trust_all = ("--cacert", str(cas.among_the_systems))
    rows = [
        *_side_by_side(scene, "http", scene.http_start, ()),
        *_side_by_side(scene, "https", scene.https_start, trust_one),
        *_side_by_side(
            scene, "https, all CAs", scene.https_start_with_the_systems_cas, trust_all
        ),
    ]
    return Section("first_start", "the whole first start", rows)


def _side_by_side(
    scene: Scene, name: str, make: Callable[[], Start], trust: tuple[str, ...]
) -> list[Row]:
    ours: list[Figures] = []
    theirs: list[Figures] = []
    for _ in range(ROUNDS):
        start = make()
        ours.append(start.measured())
        script = _Script(str(scene.dbpath()), start.url, trust)
        theirs.append(script.measured())

    def of(runs: list[Figures], figure: str) -> list[float]:
        return [run[figure] for run in runs]

    is_promised = name == "http"
    share = median(of(ours, "cpu_us")) / median(of(theirs, "cpu_us"))
    rows = [
        median_row(f"{name}: CPU", of(ours, "cpu_us"), "µs", _if(is_promised, "first_start_cpu_us")),
        median_row(f"{name}: CPU of the script", of(theirs, "cpu_us"), "µs"),
        Row(f"{name}: CPU, share of the script's", share, "", "share_of_script"),
        median_row(f"{name}: wall", of(ours, "wall_us"), "µs"),
        median_row(f"{name}: wall of the script", of(theirs, "wall_us"), "µs"),
        median_row(f"{name}: page faults", of(ours, "page_faults"), ""),
        median_row(f"{name}: page faults of the script", of(theirs, "page_faults"), ""),
        median_row(f"{name}: peak memory, growth", of(ours, "peak_kib"), "KiB"),
        median_row(f"{name}: peak memory of the script", of(theirs, "peak_kib"), "KiB"),
    ]
    budget = _CALLS[name]
    try:
        calls = traced(make(), scene.folder)
        waits = f"and {len(calls) - len(countable(calls))} of threads that wait for each other"
        script = _Script(str(scene.dbpath()), make().url, trust)
        rows += [
            Row(f"{name}: system calls", len(countable(calls)), "", budget, waits),
            Row(f"{name}: system calls of the script", script.system_calls(scene)),
        ]
    except Missing as missing:
        rows.append(Row(f"{name}: system calls", None, note=str(missing)))
    return rows


def _if(holds: bool, budget: str) -> str | None:
    return budget if holds else None


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
            "peak_kib": usage.ru_maxrss,
        }

    def system_calls(self, scene: Scene) -> int:
        need_strace()
        trace = scene.folder / "script.trace"
        subprocess.run(["strace", "-f", "-o", str(trace), *self.command], check=True)
        return sum("<... " not in line and "(" in line for line in trace.open(errors="replace"))
