"""Preview, off, restart, on, sent, restart: with a client, as a DBA would."""

from pathlib import Path

from support.host import Launcher
from support.receiver import Receiver
from support.reports import body_by, body_of, identity
from support.servers import Server


def test_what_was_shown_is_what_is_sent_and_only_when_it_may_be(
    server: Server, start_host: Launcher, receiver: Receiver, dbpath: Path
) -> None:
    # First start, with time to look before anything is sent.
    host = start_host(receiver.url, parameters={"perconaTelemetryGracePeriod": "3600"})
    host.wait_for("Telemetry enabled", decidedBy="default")
    preview = host.status_with("nextAttempt")
    assert (preview["enabled"], preview["decidedBy"]) == (True, "default")
    assert (preview["state"], preview["attempts"]) == ("waiting", 0)
    assert (preview["sentAt"], preview["optOutStored"]) == (None, False)
    assert body_of(preview["report"]) == body_by(identity(dbpath))

    # Off, for good.
    assert host.set_telemetry(False) == {"was": True, "ok": 1}
    off = host.status_with("optOutStored")
    assert (off["enabled"], off["decidedBy"], off["state"]) == (False, "perconaTelemetry", "off")
    assert off["report"]["id"] is None and off["report"]["instanceId"] is None
    assert off["report"]["metrics"] == preview["report"]["metrics"]
    host.stop()
    assert identity(dbpath)["optOut"] == "1"

    # A restart changes nothing of it, though nothing is put off any more.
    host = start_host(receiver.url)
    host.wait_for("Telemetry disabled", decidedBy="optOut in telemetry_uuid")
    off = host.status()
    assert (off["enabled"], off["state"], off["optOutStored"]) == (False, "off", True)
    assert off["decidedBy"] == "optOut in telemetry_uuid"
    assert receiver.connection_count() == 0

    # On again, and what was shown first is what is sent.
    assert host.set_telemetry(True) == {"was": False, "ok": 1}
    request = receiver.next_request()
    assert request.body == body_of(preview["report"])
    host.wait_for("Telemetry report delivered")
    sent = host.status()
    assert (sent["enabled"], sent["decidedBy"], sent["state"]) == (True, "perconaTelemetry", "sent")
    assert (sent["report"], sent["optOutStored"]) == (preview["report"], False)
    host.stop()
    stored = identity(dbpath)
    assert "optOut" not in stored and stored["sentAt"] == sent["sentAt"]

    # From now on, silence, and the file stays as it is.
    path = dbpath / "telemetry_uuid"
    before = (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes())
    host = start_host(receiver.url, options=server.as_version("4.4.30-29"))
    host.wait_for("Telemetry enabled, report already delivered")
    again = host.status()
    assert (again["state"], again["attempts"], again["sentAt"]) == ("sent", 0, sent["sentAt"])
    assert again["report"] == preview["report"], "what was sent, whatever the version now"
    host.stop()
    assert (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes()) == before
    assert receiver.connection_count() == 1
