"""Counted by callgrind: the caller's thread until start() returns, and the library's threads."""

from collections.abc import Callable

import pytest

from measuring.callgrind import counted
from measuring.instance import Start
from measuring.scene import Scene

KINDS = {
    "instructions_http": Scene.http_start,
    "instructions_https": Scene.https_start,
    "instructions_https_all_cas": Scene.https_start_with_the_systems_cas,
    "instructions_nothing_to_do": Scene.second_start,
    "instructions_off": Scene.start_while_off,
}


@pytest.mark.parametrize("budget", KINDS)
def test_of(place: Scene, hold, budget: str) -> None:
    make: Callable[[Scene], Start] = KINDS[budget]
    found = counted(make(place), place.folder)
    hold(budget, budget.replace("_", " "), found.all)
    hold("instructions_start", "of that in start()", found.caller)
    assert found.by_crate["psmdb_telemetry"] > 0, "callgrind sees no function of the library"
