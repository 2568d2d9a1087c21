"""What the lines of a server's log tell of how long telemetry's start and stop take, also while an
attempt hangs in the network."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.figures import Figures
from support.host import STOP_BUDGET_MILLIS, Launcher
from support.receiver import Receiver
from support.servers import Server

ROUNDS = 5
WAITING = 23016  # for connections: what comes before the start of telemetry

pytestmark = pytest.mark.measures


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_start_and_stop_take_no_more_than_with_telemetry_off(
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
    starts: dict[str, list[float]] = {"telemetry off": [], f"{scheme} attempt hanging": []}
    stops: dict[str, list[float]] = {name: [] for name in starts}
    off, hanging = starts
    for _ in range(ROUNDS):
        for name, environment in ((off, {"DO_NOT_TRACK": "1"}), (hanging, {})):
            host = start_host(url, dbpath=new_dbpath(), environment=environment)
            if name == hanging:
                silent_receiver.next_connection()
            # The library's first line ends its start, or comes from its thread after that.
            host.wait_for("Telemetry disabled" if name == off else "Telemetry enabled")
            assert host.stop().seconds < server.ends_within
            told = host.telemetrys()[0].id
            starts[name].append(host.millis_between(WAITING, told))
            stops[name].append(host.millis_between(*server.around_stop))
    for name in starts:
        figures.add(f"start, {name}", starts[name])
        figures.add(f"stop, {name}", stops[name])
    # The shortest, as a busy machine takes the processor away from most of them; but each stop
    # that waits for the attempt waits until its time limit.
    assert min(starts[hanging]) < STOP_BUDGET_MILLIS
    assert min(stops[hanging]) - min(stops[off]) < STOP_BUDGET_MILLIS
