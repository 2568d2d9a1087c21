"""SIGTERM ends the host at once, also while an attempt hangs in the network."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.figures import Figures
from support.host import STOP_BUDGET_MILLIS, Launcher
from support.receiver import Receiver

ROUNDS = 5


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_stop_of_telemetry_keeps_its_budget(
    start_host: Launcher,
    silent_receiver: Receiver,
    new_dbpath: Callable[[], Path],
    figures: Figures,
    scheme: str,
) -> None:
    # An https client waits for the answer to its first words, an http client for that to its
    # request.
    url = silent_receiver.url.replace("http", scheme, 1)
    millis = []
    for _ in range(ROUNDS):
        host = start_host(url, dbpath=new_dbpath())
        silent_receiver.next_connection()
        ending = host.stop()
        assert ending.seconds < 1
        millis.append(ending.telemetry_stop_millis)
    # The median, as a busy machine may take the processor away from any one of them.
    assert figures.add(f"telemetry stop, {scheme} attempt hanging", millis) < STOP_BUDGET_MILLIS
