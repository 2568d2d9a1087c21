"""Memory, threads and descriptors after the job, against before."""

from collections.abc import Callable

import pytest

from measuring.instance import Start
from measuring.scene import Scene

KINDS: dict[str, Callable[[Scene], Start]] = {
    "a first start, http": Scene.http_start,
    "a first start, https": Scene.https_start,
    "a first start, https, all CAs": Scene.https_start_with_the_systems_cas,
    "a second start": Scene.second_start,
    "a start while off": Scene.start_while_off,
}


@pytest.mark.parametrize("kind", KINDS)
def test_after(place: Scene, hold, kind: str) -> None:
    left = KINDS[kind](place).measured()
    assert left["own_kib"] > 0, "a Telemetry that takes no memory is none"
    hold("threads_left", f"threads left after {kind}", left["threads"])
    hold("descriptors_left", f"descriptors left after {kind}", left["descriptors"])
    hold("memory_left_kib", f"KiB left after {kind}", left["own_kib"])
