"""Switching off while an attempt hangs closes its connection, and is remembered."""

import time
from pathlib import Path

from support.figures import Figures
from support.host import STOP_BUDGET_MILLIS, Launcher
from support.receiver import Receiver
from support.reports import identity

ROUNDS = 5


def test_the_connection_is_closed_within_the_budget(
    start_host: Launcher, silent_receiver: Receiver, dbpath: Path, figures: Figures
) -> None:
    host = start_host(silent_receiver.url)
    reports = []
    millis = []
    with host.client() as client:
        client.admin.command("ping")  # connected from here on
        for _ in range(ROUNDS):
            reports.append(silent_receiver.next_request().report)
            connection = silent_receiver.next_connection()
            status = client.admin.command("getParameter", 1, perconaTelemetryStatus=1)
            assert status["perconaTelemetryStatus"]["state"] == "sending"

            begin = time.monotonic()
            client.admin.command("setParameter", 1, perconaTelemetry=False)
            millis.append((connection.wait_until_closed() - begin) * 1000)
            client.admin.command("setParameter", 1, perconaTelemetry=True)
        silent_receiver.next_request()
        client.admin.command("setParameter", 1, perconaTelemetry=False)
    host.stop()
    assert identity(dbpath)["optOut"] == "1"
    assert all(report == reports[0] for report in reports), "one report, however often it is tried"
    # The median, as a busy machine may take the processor away from any one of them.
    assert figures.add("off at run time, connection closed", millis) < STOP_BUDGET_MILLIS
