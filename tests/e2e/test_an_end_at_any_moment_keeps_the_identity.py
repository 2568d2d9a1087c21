"""SIGKILL and SIGTERM at random moments of a start: one identity, and all requests are the same, also
those of another version."""

import random
import signal
import time
from pathlib import Path

import pytest

from support.host import Launcher
from support.receiver import Receiver
from support.reports import METRICS, body_by, identity
from support.servers import Server

FIXED = ("instanceId", "reportId", "createTime", *METRICS)


@pytest.mark.parametrize(("by", "ends"), [(signal.SIGKILL, 20), (signal.SIGTERM, 10)])
def test_at_random_moments(
    server: Server,
    start_host: Launcher,
    silent_receiver: Receiver,
    receiver: Receiver,
    dbpath: Path,
    by: signal.Signals,
    ends: int,
) -> None:
    begin = time.monotonic()
    start_host(None, environment={"DO_NOT_TRACK": "1"}).stop()
    longest = time.monotonic() - begin
    path = dbpath / "telemetry_uuid"

    seed = random.randrange(2**32)
    print(f"moments by the seed {seed}")
    chance = random.Random(seed)
    seen = set()
    for _ in range(ends):
        host = start_host(silent_receiver.url, wait=False)
        # No event is waited for: any moment will do.
        time.sleep(chance.uniform(0, longest))
        host.send_signal(by)
        # Before a server has a handler, SIGTERM ends it as it ends any process.
        assert host.wait_for_exit_code() in ((-by,) if by == signal.SIGKILL else (0, -by))
        assert not host.warnings(), host.warnings()
        if path.exists():
            seen.add(tuple(identity(dbpath)[key] for key in FIXED))
    assert len(seen) <= 1, seen

    # So many ends defer the next attempt; who takes that line out need not wait for it.
    if path.exists():
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(line for line in lines if not line.startswith("nextAttempt:")))
    start_host(receiver.url, options=server.as_version("4.4.30-29")).status_with("sentAt")
    delivered = receiver.next_request()
    stored = identity(dbpath)
    assert seen <= {tuple(stored[key] for key in FIXED)}
    assert delivered.body == body_by(stored)
    assert {request.body for request in silent_receiver.requests()} <= {delivered.body}
