"""While an attempt hangs in the network, the server answers and ends as it does with telemetry off:
by the lines of its log, and by the time that a question takes."""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from support.figures import Figures
from support.host import STOP_BUDGET_MILLIS, Launcher
from support.receiver import Receiver
from support.servers import Server
from support.wire import Wire, message

ROUNDS = 5
WAITING = 23016  # for connections: what comes before the start of telemetry
ANSWER_BUDGET_MILLIS = 1.0
STATUS = message({"getParameter": 1, "perconaTelemetryStatus": 1})

pytestmark = pytest.mark.measures


def asked(port: int) -> list[float]:
    """How long answers take. No driver: it takes as long for a message as the server does."""
    millis = []
    with closing(Wire(port)) as wire:
        for _ in range(100):
            begin = time.perf_counter()
            answer = wire.ask(STATUS)
            millis.append((time.perf_counter() - begin) * 1000)
            assert answer["perconaTelemetryStatus"]["state"] == "sending"
    return millis


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_start_status_and_stop_take_no_more_than_with_telemetry_off(
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
    answers: list[float] = []
    starts: dict[str, list[float]] = {"telemetry off": [], f"{scheme} attempt hanging": []}
    stops: dict[str, list[float]] = {name: [] for name in starts}
    off, hanging = starts
    for _ in range(ROUNDS):
        for name, environment in ((off, {"DO_NOT_TRACK": "1"}), (hanging, {})):
            host = start_host(url, dbpath=new_dbpath(), environment=environment)
            if name == hanging:
                silent_receiver.next_connection()
                answers += asked(host.port)
            # The library's first line ends its start, or comes from its thread after that.
            host.wait_for("Telemetry disabled" if name == off else "Telemetry enabled")
            assert host.stop() < server.ends_within
            told = host.telemetrys()[0].id
            starts[name].append(host.millis_between(WAITING, told))
            stops[name].append(host.millis_between(*server.around_stop))
    for name in starts:
        figures.add(f"start, {name}", starts[name])
        figures.add(f"stop, {name}", stops[name])
    figures.add(f"getParameter, {hanging}", answers)
    # The shortest, as a busy machine takes the processor away from most of them; but each answer or
    # stop that waits for the attempt waits until its time limit.
    assert min(answers) < ANSWER_BUDGET_MILLIS
    assert min(starts[hanging]) < STOP_BUDGET_MILLIS
    assert min(stops[hanging]) - min(stops[off]) < STOP_BUDGET_MILLIS
