"""The system calls of a first start, drawn: of several, the quickest, which nothing disturbed."""

from collections.abc import Callable
from pathlib import Path

from measuring.instance import Start
from measuring.scene import Scene
from measuring.strace import traced
from measuring.timeline import draw

RUNS = 10


def draw_all(scene: Scene, folder: Path) -> None:
    for name, title, make in (
        ("http", "to an http endpoint", scene.http_start),
        (
            "https",
            "to an https endpoint, with the CA certificates of the system",
            scene.https_start_with_the_systems_cas,
        ),
    ):
        picture = _drawn(scene, f"The first start, {title}", make)
        (folder / f"first_start_{name}.svg").write_text(picture)


def _drawn(scene: Scene, title: str, make: Callable[[], Start]) -> str:
    untraced = min(make().measured()["wall_us"] for _ in range(RUNS)) / 1000
    starts = [make() for _ in range(RUNS)]
    traces = [(traced(start, scene.folder), start.dbpath) for start in starts]
    calls, dbpath = min(traces, key=lambda trace: trace[0][-1].begin)
    return draw(title, f"Without it all takes {untraced:.1f} ms.", calls, dbpath)
