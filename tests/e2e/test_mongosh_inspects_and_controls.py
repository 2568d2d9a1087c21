"""The shell that DBAs use: what they type, and what it prints."""

import pytest

from support.host import Launcher
from support.mongosh import Mongosh, Printed

GET = "db.adminCommand({getParameter: 1, perconaTelemetryStatus: 1})"


def test_preview_off_and_on(start_host: Launcher, mongosh: Mongosh) -> None:
    host = start_host("http://127.0.0.1:9/", parameters={"perconaTelemetryGracePeriod": "604800"})
    status = host.status_with("nextAttempt")
    assert mongosh.json(host.port, GET) == {"perconaTelemetryStatus": status, "ok": 1}

    for value, was in (("false", "true"), ("true", "false")):
        switch = f"db.adminCommand({{setParameter: 1, perconaTelemetry: {value}}})"
        assert mongosh.run(host.port, switch) == Printed(f"{{ was: {was}, ok: 1 }}\n", "", 0)
    section = mongosh.json(host.port, "db.serverStatus().perconaTelemetry")
    assert section == {"enabled": True, "state": "waiting", "attempts": 0}
    section = mongosh.json(host.port, "db.serverStatus({perconaTelemetry: 1}).perconaTelemetry")
    assert section == host.status()


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (
            "perconaTelemetry: true",
            "Invalid value for parameter perconaTelemetry: DO_NOT_TRACK disables telemetry; "
            "remove it first",
        ),
        ("perconaTelemetryStatus: 1", "perconaTelemetryStatus is read-only"),
    ],
)
def test_what_is_refused_is_told(
    start_host: Launcher, mongosh: Mongosh, command: str, complaint: str
) -> None:
    host = start_host("http://127.0.0.1:9/", environment={"DO_NOT_TRACK": "1"})
    printed = mongosh.run(host.port, f"db.adminCommand({{setParameter: 1, {command}}})")
    assert printed == Printed("", f"MongoServerError: {complaint}\n", 1)
