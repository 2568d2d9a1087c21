"""The lines of docs/log-events.md in the server's own log, `ctx` the thread's name.

Launcher.close checks for every scenario that each event is as documented.
"""

import re

from support.host import Launcher
from support.receiver import Receiver


def test_the_librarys_thread_and_that_of_a_client(start_host: Launcher, receiver: Receiver) -> None:
    host = start_host(receiver.url)
    host.wait_for("Telemetry report delivered")
    host.set_telemetry(False)
    host.wait_for("Telemetry disabled")
    host.stop()
    enabled, delivered, disabled = host.telemetrys()
    assert [event.id for event in (enabled, delivered, disabled)] == [29800, 29803, 29801]
    assert {event.component for event in host.telemetrys()} == {"CONTROL"}
    assert enabled.context == delivered.context == "PsmdbTelemetry"
    assert re.fullmatch("conn[0-9]+", disabled.context)


def test_a_failure_is_logged_once(start_host: Launcher) -> None:
    host = start_host("http://127.0.0.1:9/")
    failed = host.wait_for("Telemetry report delivery failed, will retry")
    assert (failed.id, failed.severity, failed.context) == (29804, "I", "PsmdbTelemetry")
    assert failed.attributes["nextAttempt"] == host.status_with("nextAttempt")["nextAttempt"]
    host.stop()
    assert [event.id for event in host.telemetrys()] == [29800, 29804]
