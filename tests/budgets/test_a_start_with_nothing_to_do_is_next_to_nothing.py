"""Reported before, or off: no socket, no write, no thread that stays, few system calls."""

from collections.abc import Callable

import pytest

from measuring.instance import Start
from measuring.scene import Scene
from measuring.silence import sockets, writes
from measuring.strace import CALLER, countable, traced

KINDS = [
    pytest.param(Scene.second_start, "system_calls_nothing_to_do", id="reported before"),
    pytest.param(Scene.start_while_off, "system_calls_off", id="off"),
]


@pytest.mark.parametrize(("make", "budget"), KINDS)
def test_in_system_calls(
    place: Scene, hold, make: Callable[[Scene], Start], budget: str
) -> None:
    start = make(place)
    before = sorted(path.name for path in start.dbpath.iterdir())
    requests = len(place.http.bodies)
    calls = countable(traced(start, place.folder))
    hold("sockets_with_nothing_to_do", "sockets", len(sockets(calls)))
    hold("writes_with_nothing_to_do", "writes", len(writes(calls)))
    assert sorted(path.name for path in start.dbpath.iterdir()) == before
    assert len(place.http.bodies) == requests
    hold(budget, budget.replace("_", " "), len(calls))


def test_the_search_for_sockets_and_writes_finds_those_of_a_first_start(place: Scene) -> None:
    calls = traced(place.http_start(), place.folder)
    assert {call.name for call in sockets(calls)} == {"socket", "connect"}
    assert {"openat", "write", "renameat", "fsync"} <= {call.name for call in writes(calls)}


def test_while_off_not_even_a_thread_is_started(place: Scene, hold) -> None:
    calls = traced(place.start_while_off(), place.folder)
    started = {call.thread for call in calls} - {CALLER}
    hold("threads_while_off", "threads started while off", len(started))
