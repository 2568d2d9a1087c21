"""What remains when the job is done, and how often waiting threads wake up."""

from measuring.scene import Scene
from measuring.table import Row, Section
from measuring.watch import Watched

SECONDS = 60


def section(scene: Scene, watched: Watched) -> Section:
    rows = []
    for name, make in (
        ("http", scene.http_start),
        ("https", scene.https_start),
        ("https, all CAs", scene.https_start_with_the_systems_cas),
    ):
        left = make().measured()
        rows += [
            Row(f"{name}: memory left", left["own_kib"], "KiB", "memory_left_kib",
                f"of that {left['heap_bytes']:,} bytes in use; the rest is kept by malloc"),
            Row(f"{name}: code in memory", left["rss_kib"] - left["own_kib"], "KiB", None,
                "of the program's file and of shared libraries; the kernel may drop it"),
            Row(f"{name}: threads left", left["threads"], "", "threads_left"),
            Row(f"{name}: descriptors left", left["descriptors"], "", "descriptors_left"),
        ]
    for name, figures in watched.figures().items():
        threads = int(figures["threads"])
        rows.append(Row(f"wake-ups in {SECONDS} s, {name}", figures["wake_ups"], "", "wake_ups",
                        f"{threads or 'no'} thread{'' if threads == 1 else 's'}"))
    return Section("at_rest", "what remains", rows)
