"""After the report, and however often it is switched, no thread, descriptor or memory stays."""

import re
from itertools import pairwise
from pathlib import Path

from support.host import Host, Launcher
from support.patience import wait_until
from support.receiver import Receiver

ROUNDS = 1000
TIMES = 3
GROWTH = 1024 * 1024


def threads(host: Host) -> set[str]:
    return {name for name in host.thread_names() if name.startswith("PsmdbTelemetry")}


def descriptors(host: Host) -> int:
    return len(list(Path(f"/proc/{host.pid}/fd").iterdir()))


def memory(host: Host) -> int:
    """What it has in RAM besides pages of files, in bytes: those are another server's, too."""
    rollup = Path(f"/proc/{host.pid}/smaps_rollup").read_text()
    found = re.search(r"^Anonymous: +(\d+) kB", rollup, re.MULTILINE)
    assert found is not None, rollup
    return int(found[1]) * 1024


def test_a_thousand_opt_outs_leave_nothing(start_host: Launcher, receiver: Receiver) -> None:
    host = start_host(receiver.url)
    host.wait_for("Telemetry report delivered")
    wait_until(lambda: not threads(host), "the library's threads have ended")

    def switch(rounds: int) -> None:
        with host.client() as client:
            for _ in range(rounds):
                client.admin.command("setParameter", 1, perconaTelemetry=False)
                client.admin.command("setParameter", 1, perconaTelemetry=True)
        wait_until(lambda: not threads(host), "the library's threads have ended")

    switch(ROUNDS // 10)  # what is allocated once is allocated
    used, open_before = [memory(host)], descriptors(host)
    for _ in range(TIMES):
        switch(ROUNDS)
        used.append(memory(host))
    # A server has other reasons to grow now and then; what is lost in each round is lost each time.
    assert min(after - before for before, after in pairwise(used)) < GROWTH, used
    # The server closes a client's connection in its own time.
    wait_until(lambda: descriptors(host) <= open_before, f"{open_before} descriptors are open")
    assert host.status()["state"] == "sent"
    assert receiver.connection_count() == 1
