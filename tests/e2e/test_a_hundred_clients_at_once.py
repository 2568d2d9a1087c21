"""A hundred clients read and switch at the same time: each gets each of its answers."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support.figures import Figures
from support.host import Host, Launcher
from support.receiver import Receiver
from support.reports import identity
from support.servers import Server

CLIENTS = 100
SECONDS = 3.0


def use(host: Host, number: int, all_here: threading.Barrier) -> list[float]:
    """One client's work; returns how long each answer took."""
    millis: list[float] = []
    with host.client() as client:
        client.admin.command("ping")
        all_here.wait()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            value = (number + len(millis)) % 2 == 0
            begin = time.perf_counter()
            was = client.admin.command("setParameter", 1, perconaTelemetry=value)
            got = client.admin.command("getParameter", 1, perconaTelemetryStatus=1)
            millis.append((time.perf_counter() - begin) * 1000)
            assert was["ok"] == 1 and isinstance(was["was"], bool)
            assert len(got["perconaTelemetryStatus"]) == 12 and got["ok"] == 1
    return millis


def test_none_gets_an_error_or_waits_for_ever_and_the_host_ends_in_time(
    server: Server, start_host: Launcher, silent_receiver: Receiver, dbpath: Path, figures: Figures
) -> None:
    host = start_host(silent_receiver.url)
    all_here = threading.Barrier(CLIENTS, timeout=60)
    with ThreadPoolExecutor(CLIENTS) as clients:
        work = [clients.submit(use, host, number, all_here) for number in range(CLIENTS)]
        millis = [took for done in work for took in done.result()]
    assert len(millis) >= CLIENTS
    figures.add(f"set and get, {CLIENTS} clients at once", millis)

    # The last word counts, whatever was said before.
    host.set_telemetry(True)
    host.opt_out()
    assert host.status()["state"] == "off"
    assert host.stop().seconds < 2 * server.ends_within
    assert host.warnings() == []
    assert identity(dbpath)["optOut"] == "1"
