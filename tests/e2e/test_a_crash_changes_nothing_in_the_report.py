"""A host that is killed in the middle of an attempt sends the same report at its next start."""

from pathlib import Path

from support.host import Launcher
from support.receiver import Receiver
from support.reports import body_by, identity
from support.servers import Server


def test_after_sigkill_the_same_bytes_are_sent(
    server: Server,
    start_host: Launcher,
    silent_receiver: Receiver,
    receiver: Receiver,
    dbpath: Path,
) -> None:
    host = start_host(silent_receiver.url)
    unanswered = silent_receiver.next_request()
    host.kill()
    stored = identity(dbpath)
    assert "PRODUCT_FAMILY_PSMDB" not in stored
    assert unanswered.body == body_by(stored)

    host = start_host(receiver.url, options=server.as_version("4.4.30-29"))
    answered = receiver.next_request()
    host.wait_for("Telemetry report delivered")
    host.stop()
    assert answered.body == unanswered.body
    after = identity(dbpath)
    assert after["PRODUCT_FAMILY_PSMDB"] == "1"
    assert {key: after[key] for key in stored} == stored
