"""Whether the cost grows with what surrounds the library."""

import json
import resource
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from measuring.endpoint import Endpoint
from measuring.instance import DEADLINE, DELIVERED, Start
from measuring.needs import Missing
from measuring.scene import Scene
from measuring.strace import countable, traced
from measuring.table import Row, Section, median_row

RUNS = 20
FILES = 100_000
VARIABLES = 10_000
INSTANCES = 1_000
# Two pipes to each process, and its connection to the endpoint.
DESCRIPTORS = 4 * INSTANCES


def section(scene: Scene) -> Section:
    def usual() -> Start:
        return scene.http_start()

    full = scene.dbpath()
    for i in range(FILES):
        (full / f"index-{i}.wt").touch()

    def among_files() -> Start:
        (full / "telemetry_uuid").unlink(missing_ok=True)
        return Start(full, DELIVERED, scene.http.url)

    variables = {f"VARIABLE_{i}": "value" for i in range(VARIABLES)}

    def among_variables() -> Start:
        return Start(scene.dbpath(), DELIVERED, scene.http.url, variables)

    rows = [
        *_first_starts(scene, "an empty dbpath, no variables", usual),
        *_first_starts(scene, f"a dbpath with {FILES:,} files", among_files),
        *_first_starts(scene, f"{VARIABLES:,} environment variables", among_variables),
        *_all_at_once(scene),
    ]
    return Section("surroundings", "growth with the surroundings", rows)


def _first_starts(scene: Scene, name: str, make: Callable[[], Start]) -> list[Row]:
    rows = [median_row(f"{name}: CPU", [make().measured()["cpu_us"] for _ in range(RUNS)], "µs",
                       "first_start_cpu_us")]
    try:
        calls = len(countable(traced(make(), scene.folder)))
        rows.append(Row(f"{name}: system calls", calls, "", "system_calls_http"))
    except Missing as missing:
        rows.append(Row(f"{name}: system calls", None, note=str(missing)))
    return rows


def _all_at_once(scene: Scene) -> list[Row]:
    """As many processes, each with a dbpath of its own, that are let go at one instant."""
    name = f"{INSTANCES:,} processes at once"
    allowed = _allow_descriptors(DESCRIPTORS)
    if allowed < DESCRIPTORS:
        return [Row(name, None, note=f"{DESCRIPTORS} descriptors are needed, {allowed} allowed")]
    processes: list[subprocess.Popen[str]] = []
    with Endpoint() as endpoint:
        try:
            for _ in range(INSTANCES):
                processes.append(_waiting(scene.dbpath(), endpoint.url))
            for process in processes:
                assert process.stdout.readline() == "ready\n"
            begin = time.monotonic()
            for process in processes:
                process.stdin.close()
            figures = [json.loads(process.stdout.readline()) for process in processes]
            took = time.monotonic() - begin
        finally:
            for process in processes:
                process.kill()
                process.wait(DEADLINE)
                process.stdout.close()
        ids = {json.loads(body)["reports"][0]["id"] for body in endpoint.bodies}
    wall = [figure["wall_us"] / 1e6 for figure in figures]
    return [
        Row(f"{name}: reports that arrived", len(endpoint.bodies), "", None,
            f"{len(ids):,} different; all in {took:.1f} s"),
        median_row(f"{name}: wall of one", wall, "s"),
        Row(f"{name}: CPU of one", median([figure["cpu_us"] for figure in figures]), "µs",
            "first_start_cpu_us"),
    ]


def _allow_descriptors(number: int) -> int:
    """Raises this process's limit, as far as it may; the limit that is in force then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < number:
        soft = number if hard == resource.RLIM_INFINITY else min(number, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return number if soft == resource.RLIM_INFINITY else soft


def _waiting(dbpath: Path, url: str) -> subprocess.Popen[str]:
    start = Start(dbpath, DELIVERED, url, options=["--when-told"])
    return subprocess.Popen(
        start.command, env={}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
