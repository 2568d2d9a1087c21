"""getParameter and setParameter answer in under a millisecond, whatever the network does."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from support.figures import Figures
from support.host import Host, Launcher
from support.receiver import Receiver
from support.wire import Wire, message

BUDGET_MILLIS = 1.0

pytestmark = pytest.mark.measures

STATUS = message({"getParameter": 1, "perconaTelemetryStatus": 1})
SWITCH = {on: message({"setParameter": 1, "perconaTelemetry": on}) for on in (True, False)}


@pytest.fixture
def host(start_host: Launcher, silent_receiver: Receiver) -> Host:
    host = start_host(silent_receiver.url)
    silent_receiver.next_request()
    return host


@pytest.fixture
def wire(host: Host) -> Iterator[Wire]:
    # No driver: what it does for a message takes as long as what the server does.
    with closing(Wire(host.port)) as wire:
        yield wire


def asked(wire: Wire, data: bytes) -> float:
    """Asks, and returns how long the answer took."""
    begin = time.perf_counter()
    answer = wire.ask(data)
    millis = (time.perf_counter() - begin) * 1000
    assert answer["ok"] == 1
    return millis


def test_get_parameter(wire: Wire, figures: Figures) -> None:
    millis = [asked(wire, STATUS) for _ in range(300)]
    assert wire.ask(STATUS)["perconaTelemetryStatus"]["state"] == "sending"
    assert figures.add("getParameter, attempt hanging", millis) < BUDGET_MILLIS


def test_set_parameter(
    start_host: Launcher,
    silent_receiver: Receiver,
    new_dbpath: Callable[[], Path],
    figures: Figures,
) -> None:
    millis: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(10):
        # Each attempt needs a dbpath of its own: one that was cut is not made again at once.
        host = start_host(silent_receiver.url, dbpath=new_dbpath())
        with closing(Wire(host.port)) as wire:
            silent_receiver.next_request()
            asked(wire, STATUS)  # whoever serves this connection is there
            for on in (False, True):
                millis[on].append(asked(wire, SWITCH[on]))
        host.stop()
    for on in (False, True):
        figures.add(f"setParameter {on}, attempt hanging", millis[on])
        # So few that a busy machine may have delayed most of them, but not that each waits.
        assert min(millis[on]) < BUDGET_MILLIS
