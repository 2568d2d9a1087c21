"""The system calls of a first start, drawn."""

from pathlib import Path
from statistics import median

from measuring.instance import Start
from measuring.scene import Scene
from measuring.strace import traced
from measuring.timeline import draw

RUNS = 10


def draw_all(scene: Scene, folder: Path) -> None:
    _draw(scene, folder / "first_start_http.svg", "The first start, to an http endpoint",
          scene.http_start)
    _draw(scene, folder / "first_start_https.svg",
          "The first start, to an https endpoint, with the CA certificates of the system",
          scene.https_start_with_the_systems_cas)


def _draw(scene: Scene, file: Path, title: str, make) -> None:
    untraced = median(make().measured()["wall_us"] for _ in range(RUNS)) / 1000
    start: Start = make()
    calls = traced(start, scene.folder)
    without = f"Without it all takes {untraced:.1f} ms."
    file.write_text(draw(title, without, calls, start.dbpath))
