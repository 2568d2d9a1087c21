"""Switching off while an attempt hangs closes its connection, and is remembered."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.figures import Figures
from support.host import STOP_BUDGET_MILLIS, Host, Launcher
from support.patience import wait_until
from support.receiver import Receiver
from support.reports import identity

ROUNDS = 5

pytestmark = pytest.mark.measures


def cut(host: Host, receiver: Receiver) -> float:
    """Switches off while an attempt hangs; returns how long its connection stays open then."""
    receiver.next_request()
    connection = receiver.next_connection()
    with host.client() as client:
        client.admin.command("ping")  # connected from here on
        status = client.admin.command("getParameter", 1, perconaTelemetryStatus=1)
        assert status["perconaTelemetryStatus"]["state"] == "sending"
        begin = time.monotonic()
        client.admin.command("setParameter", 1, perconaTelemetry=False)
        return (connection.wait_until_closed() - begin) * 1000


def test_the_connection_is_closed_within_the_budget(
    start_host: Launcher,
    silent_receiver: Receiver,
    new_dbpath: Callable[[], Path],
    figures: Figures,
) -> None:
    millis = []
    for _ in range(ROUNDS):
        dbpath = new_dbpath()
        host = start_host(silent_receiver.url, dbpath=dbpath)
        millis.append(cut(host, silent_receiver))
        host.status_with("optOutStored")
        host.stop()
        assert identity(dbpath)["optOut"] == "1"
    # The median, as a busy machine may take the processor away from any one of them.
    assert figures.add("off at run time, connection closed", millis) < STOP_BUDGET_MILLIS


def test_on_again_waits_as_after_any_failed_attempt(
    start_host: Launcher, silent_receiver: Receiver, new_dbpath: Callable[[], Path]
) -> None:
    def waits() -> bool:
        host = start_host(silent_receiver.url, dbpath=new_dbpath())
        cut(host, silent_receiver)
        for on in (True, False, True):
            host.set_telemetry(on)
        wait_until(lambda: host.status()["state"] in ("waiting", "sending"), "it is on again")
        return host.status()["attempts"] == 1

    # Chance may make it wait for next to nothing, but not three times.
    assert any(waits() for _ in range(3))
