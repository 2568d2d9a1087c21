"""SIGKILL at twenty random moments of a start: one identity, and all requests are the same."""

import random
import time
from pathlib import Path

from support.host import Launcher
from support.receiver import Receiver
from support.reports import METRICS, body_by, identity

CRASHES = 20
FIXED = ("instanceId", "reportId", "createTime", *METRICS)


def test_twenty_crashes(
    start_host: Launcher, silent_receiver: Receiver, receiver: Receiver, dbpath: Path
) -> None:
    begin = time.monotonic()
    host = start_host(silent_receiver.url)
    silent_receiver.next_connection()
    longest = 1.2 * (time.monotonic() - begin)
    host.kill()
    first = {key: identity(dbpath)[key] for key in FIXED}

    seed = random.randrange(2**32)
    print(f"moments by the seed {seed}")
    chance = random.Random(seed)
    for _ in range(CRASHES):
        host = start_host(silent_receiver.url, wait=False)
        # No event is waited for: any moment will do.
        time.sleep(chance.uniform(0, longest))
        host.kill()
        assert {key: identity(dbpath)[key] for key in FIXED} == first

    # So many crashes defer the next attempt; who takes that line out need not wait for it.
    path = dbpath / "telemetry_uuid"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("nextAttempt:")))
    host = start_host(receiver.url)
    delivered = receiver.next_request()
    host.wait_for("Telemetry report delivered")
    host.stop()
    assert delivered.body == body_by(first)
    assert {key: identity(dbpath)[key] for key in FIXED} == first
    for request in silent_receiver.requests():
        assert request.body == delivered.body
