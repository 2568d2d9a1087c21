"""SIGTERM ends the host at once, also while an attempt hangs in the network."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.figures import Figures
from support.host import STOP_BUDGET_MILLIS, Launcher
from support.receiver import Receiver
from support.servers import Server

ROUNDS = 5

pytestmark = pytest.mark.measures


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_stop_of_telemetry_keeps_its_budget(
    server: Server,
    start_host: Launcher,
    silent_receiver: Receiver,
    new_dbpath: Callable[[], Path],
    figures: Figures,
    scheme: str,
) -> None:
    # An https client waits for the answer to its first words, an http client for that to its
    # request.
    url = silent_receiver.url.replace("http", scheme, 1)
    whole, of_telemetry, silent = [], [], []
    for _ in range(ROUNDS):
        host = start_host(url, dbpath=new_dbpath())
        silent_receiver.next_connection()
        ending = host.stop()
        assert ending.seconds < server.ends_within
        whole.append(ending.seconds * 1000)
        if ending.telemetry_stop_millis is not None:
            of_telemetry.append(ending.telemetry_stop_millis)
        else:
            off = start_host(url, dbpath=new_dbpath(), environment={"DO_NOT_TRACK": "1"})
            off.wait_for("Telemetry disabled")
            silent.append(off.stop().seconds * 1000)
    # The median, as a busy machine may take the processor away from any one of them.
    if of_telemetry:
        what = f"telemetry stop, {scheme} attempt hanging"
        assert figures.add(what, of_telemetry) < STOP_BUDGET_MILLIS
    else:
        # Of a whole server's stop it takes the disk and the processor away: so the shortest ones.
        figures.add(f"server's stop, {scheme} attempt hanging", whole)
        figures.add("server's stop, telemetry off", silent)
        assert min(whole) - min(silent) < STOP_BUDGET_MILLIS
