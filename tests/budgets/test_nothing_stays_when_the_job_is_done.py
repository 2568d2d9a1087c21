"""Memory, threads and descriptors after the job, against before."""

from collections.abc import Callable

import pytest

from measuring.instance import Start
from measuring.scene import Scene

KINDS = {
    "a first start, http": (Scene.http_start, "memory_left_kib"),
    "a first start, https": (Scene.https_start, "memory_left_kib"),
    "a first start, https, all CAs": (
        Scene.https_start_with_the_systems_cas,
        "memory_left_all_cas_kib",
    ),
    "a second start": (Scene.second_start, "memory_left_kib"),
    "a start while off": (Scene.start_while_off, "memory_left_kib"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_after(place: Scene, hold, kind: str) -> None:
    make: Callable[[Scene], Start]
    make, memory = KINDS[kind]
    left = make(place).measured()
    assert left["own_kib"] > 0, "a Telemetry that takes no memory is none"
    hold("threads_left", f"threads left after {kind}", left["threads"])
    hold("descriptors_left", f"descriptors left after {kind}", left["descriptors"])
    hold(memory, f"KiB left after {kind}", left["own_kib"])
