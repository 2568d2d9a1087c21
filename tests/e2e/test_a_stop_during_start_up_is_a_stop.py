"""SIGTERM at random moments of a start: the server ends, and all starts make one report."""

import random
import signal
import time
from pathlib import Path

from support.host import Launcher
from support.receiver import Receiver
from support.reports import identity

STOPS = 10


def test_ten_stops(start_host: Launcher, receiver: Receiver, dbpath: Path) -> None:
    begin = time.monotonic()
    start_host(None, environment={"DO_NOT_TRACK": "1"}).stop()
    longest = time.monotonic() - begin

    seed = random.randrange(2**32)
    print(f"moments by the seed {seed}")
    chance = random.Random(seed)
    for _ in range(STOPS):
        host = start_host(receiver.url, wait=False)
        # No event is waited for: any moment will do.
        time.sleep(chance.uniform(0, longest))
        host.send_signal(signal.SIGTERM)
        # Before the server has a handler, the signal ends it as it ends any process.
        assert host.wait_for_exit_code() in (0, -signal.SIGTERM)
        assert not host.warnings(), host.warnings()

    # What one of them left over may be deferred; who takes that line out need not wait for it.
    path = dbpath / "telemetry_uuid"
    if path.exists():
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(line for line in lines if not line.startswith("nextAttempt:")))
    start_host(receiver.url).status_with("sentAt")
    reports = [request.report for request in receiver.requests()]
    assert {report["instanceId"] for report in reports} == {identity(dbpath)["instanceId"]}
    assert len({report["id"] for report in reports}) == 1
