"""The shell that DBAs use: what they type, and what it prints."""

from pathlib import Path

import pytest

from support.host import Launcher
from support.mongosh import Mongosh
from support.receiver import Receiver
from support.reports import body_of, identity

GET = "db.adminCommand({getParameter: 1, perconaTelemetryStatus: 1})"
OFF = "db.adminCommand({setParameter: 1, perconaTelemetry: false})"
ON = "db.adminCommand({setParameter: 1, perconaTelemetry: true})"


def test_preview_off_on_and_sent(
    start_host: Launcher, receiver: Receiver, dbpath: Path, mongosh: Mongosh
) -> None:
    host = start_host(receiver.url, parameters={"perconaTelemetryGracePeriod": "3600"})
    status = host.status_with("nextAttempt")
    assert mongosh.json(host.port, GET) == {"perconaTelemetryStatus": status, "ok": 1}

    printed = mongosh.run(host.port, OFF)
    assert (printed.out, printed.err, printed.code) == ("{ was: true, ok: 1 }\n", "", 0)
    assert mongosh.json(host.port, GET)["perconaTelemetryStatus"]["decidedBy"] == "perconaTelemetry"
    host.status_with("optOutStored")
    host.stop()
    assert identity(dbpath)["optOut"] == "1"

    host = start_host(receiver.url)
    host.wait_for("Telemetry disabled", decidedBy="optOut in telemetry_uuid")
    printed = mongosh.run(host.port, ON)
    assert (printed.out, printed.err, printed.code) == ("{ was: false, ok: 1 }\n", "", 0)
    assert receiver.next_request().body == body_of(status["report"])
    host.wait_for("Telemetry report delivered")
    section = mongosh.json(host.port, "db.serverStatus().perconaTelemetry")
    assert section == {"enabled": True, "state": "sent", "attempts": 1}
    section = mongosh.json(host.port, "db.serverStatus({perconaTelemetry: 1}).perconaTelemetry")
    assert section == host.status()


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (
            '{setParameter: 1, perconaTelemetry: "maybe"}',
            'Invalid value for parameter perconaTelemetry: "maybe" is not a bool; '
            "expected true, false, 1 or 0",
        ),
        (
            "{setParameter: 1, perconaTelemetry: true}",
            "Invalid value for parameter perconaTelemetry: DO_NOT_TRACK disables telemetry; "
            "remove it first",
        ),
        (
            "{setParameter: 1, perconaTelemetryStatus: 1}",
            "perconaTelemetryStatus is read-only",
        ),
    ],
)
def test_what_is_refused_is_told(
    start_host: Launcher, mongosh: Mongosh, command: str, complaint: str
) -> None:
    host = start_host("http://127.0.0.1:9/", environment={"DO_NOT_TRACK": "1"})
    printed = mongosh.run(host.port, f"db.adminCommand({command})")
    assert (printed.out, printed.code) == ("", 1)
    assert printed.err == f"MongoServerError: {complaint}\n"
