"""The library fails while the command line is read: the server starts, and sends nothing."""

import pytest

from support.host import Launcher
from support.needs import leave_out
from support.places import NO_CLOCK
from support.receiver import Receiver


@pytest.mark.parametrize("value", ["false", "true"])
def test_whatever_its_switch_says(start_host: Launcher, receiver: Receiver, value: str) -> None:
    if not NO_CLOCK.exists():
        leave_out(f"{NO_CLOCK} is not there: 'make build/e2e/no_clock.so' makes it")
    host = start_host(
        receiver.url,
        parameters={"perconaTelemetry": value},
        environment={"LD_PRELOAD": str(NO_CLOCK)},
    )
    assert [event.id for event in host.warnings()] == [29813]
    status = host.status()
    assert (status["state"], status["decidedBy"]) == ("failed", "internal error")
    assert host.set_telemetry(True)["codeName"] == "InternalError"
    assert receiver.connection_count() == 0
