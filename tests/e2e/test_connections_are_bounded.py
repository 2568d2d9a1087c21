"""More connections than the host takes are closed at once; those it has go on."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from support.host import Host, Launcher
from support.patience import PATIENCE
from support.wire import Wire, message

PING = message({"ping": 1})
COUNTS = message({"serverStatus": 1})


@pytest.fixture
def host(start_host: Launcher) -> Host:
    return start_host("http://127.0.0.1:9/", environment={"DO_NOT_TRACK": "1"})


@pytest.fixture
def first(host: Host) -> Iterator[Wire]:
    with closing(Wire(host.port)) as wire:
        yield wire


def test_one_too_many_is_closed_and_there_is_room_when_others_have_left(
    host: Host, first: Wire
) -> None:
    with ExitStack() as opened:

        def connect() -> Wire:
            return opened.enter_context(closing(Wire(host.port)))

        for _ in range(first.ask(COUNTS)["connections"]["available"]):
            assert connect().ask(PING) == {"ok": 1}
        with pytest.raises(ConnectionError):
            connect().ask(PING)
        host.wait_for("Connection refused because there are too many open connections")
        assert first.ask(COUNTS)["connections"]["available"] == 0

    # The host learns from the network that they have left; until then it is asked.
    deadline = time.monotonic() + PATIENCE
    while first.ask(COUNTS)["connections"]["current"] > 1:
        assert time.monotonic() < deadline
    with closing(Wire(host.port)) as wire:
        assert wire.ask(PING) == {"ok": 1}
    assert host.stop().seconds < 1
