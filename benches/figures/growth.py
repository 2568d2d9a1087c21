"""Whether the cost grows with the files in the dbpath or with the environment."""

from collections.abc import Callable
from functools import partial

from measuring.instance import DELIVERED, Start
from measuring.needs import Missing
from measuring.scene import Scene
from measuring.strace import countable, traced
from measuring.table import Row, Section, median_row

RUNS = 20
FILES = 100_000
VARIABLES = 10_000


def section(scene: Scene) -> Section:
    full = scene.dbpath()
    for i in range(FILES):
        (full / f"index-{i}.wt").touch()

    def among_files() -> Start:
        (full / "telemetry_uuid").unlink(missing_ok=True)
        return Start(full, DELIVERED, scene.http.url)

    variables = {f"VARIABLE_{i}": "value" for i in range(VARIABLES)}

    def among_variables() -> Start:
        return Start(scene.dbpath(), DELIVERED, scene.http.url, variables)

    rows = partial(_rows, scene)
    return Section("growth", "growth with files and variables", [
        *rows("an empty dbpath, no variables", scene.http_start),
        *rows(f"a dbpath with {FILES:,} files", among_files),
        *rows(f"{VARIABLES:,} environment variables", among_variables),
    ])


def _rows(scene: Scene, name: str, make: Callable[[], Start]) -> list[Row]:
    cpu = [make().measured()["cpu_us"] for _ in range(RUNS)]
    rows = [median_row(f"{name}: CPU", cpu, "µs", "first_start_cpu_us")]
    try:
        calls = len(countable(traced(make(), scene.folder)))
        rows.append(Row(f"{name}: system calls", calls, "", "system_calls_http"))
    except Missing as missing:
        rows.append(Row(f"{name}: system calls", None, note=str(missing)))
    return rows
