"""An endpoint that says when it can be asked again is not asked before, whichever client reads it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from support.host import Launcher
from support.receiver import Receiver

BUSY = b"HTTP/1.1 503 Busy\r\nRetry-After: 7200\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def test_retry_after(start_host: Launcher, make_receiver: Callable[..., Receiver]) -> None:
    host = start_host(make_receiver(answer=BUSY).url)
    host.wait_for("Telemetry report delivery failed, will retry")
    status = host.status()
    assert (status["state"], status["attempts"]) == ("retrying", 1)
    assert "503" in status["lastError"]
    last, then = (datetime.fromisoformat(status[name]) for name in ("lastAttempt", "nextAttempt"))
    # Left to itself, the library waits for five minutes at most.
    assert then - last >= timedelta(hours=2)
