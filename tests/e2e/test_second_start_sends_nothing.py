"""An instance that has reported stays silent."""

from pathlib import Path

from support.host import Launcher
from support.receiver import Receiver
from support.servers import Server


def test_the_second_start_opens_no_connection_and_leaves_the_file_as_it_is(
    server: Server, start_host: Launcher, receiver: Receiver, dbpath: Path
) -> None:
    first = start_host(receiver.url)
    sent = receiver.next_request()
    first.wait_for("Telemetry report delivered")
    first.stop()
    path = dbpath / "telemetry_uuid"
    before = (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes())

    second = start_host(receiver.url, options=server.as_version("4.4.30-29"))
    second.wait_for("Telemetry enabled, report already delivered")
    status = second.status()
    second.stop()

    assert (status["state"], status["attempts"]) == ("sent", 0)
    assert status["report"] == sent.report, "what was sent, whatever the version now"
    assert (path.stat().st_ino, path.stat().st_mtime_ns, path.read_bytes()) == before
    assert receiver.connection_count() == 1
