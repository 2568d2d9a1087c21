"""The lines of docs/log-events.md in the server's own log, `ctx` the thread's name.

Launcher.close checks for every scenario that each event is as documented.
"""

import re
from collections.abc import Sequence

import pytest

from support.host import Launcher
from support.receiver import Receiver

COMPONENTS = "{control: {verbosity: 5}, storage: {verbosity: 2}}"


def test_the_librarys_thread_and_that_of_a_client(start_host: Launcher, receiver: Receiver) -> None:
    host = start_host(receiver.url)
    host.wait_for("Telemetry report delivered")
    host.opt_out()
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
    status = host.status_with("nextAttempt")
    # Chance may let the next attempt come at once.
    assert status["attempts"] > 1 or failed.attributes["nextAttempt"] == status["nextAttempt"]
    host.stop()
    assert [event.id for event in host.telemetrys()] == [29800, 29804]


def test_what_is_wrong_in_the_environment_is_a_warning_and_sends_nothing(
    start_host: Launcher,
) -> None:
    wrong = {"PERCONA_TELEMETRY_URL": "http://192.0.2.1/", "PERCONA_SEND_TIMEOUT": "soon"}
    host = start_host(None, environment=wrong)
    host.wait_for("Invalid environment variable for telemetry", variable="PERCONA_SEND_TIMEOUT")
    failed = host.wait_for("Telemetry failed", decidedBy="default")
    assert host.status()["lastError"] == failed.attributes["error"]
    host.stop()
    assert {event.id for event in host.warnings()} == {29807, 29812}


@pytest.mark.parametrize(
    ("options", "is_verbose"),
    [
        (["-vv"], True),
        (["--setParameter", f"logComponentVerbosity={COMPONENTS}"], True),
        (["--quiet"], False),
    ],
)
def test_no_verbosity_changes_or_hides_them(
    start_host: Launcher, receiver: Receiver, options: Sequence[str], is_verbose: bool
) -> None:
    host = start_host(receiver.url, options=options)
    host.wait_for("Telemetry report delivered")
    with host.client() as client:
        verbosity = {"verbosity": 0, "control": {"verbosity": 3}}
        client.admin.command("setParameter", 1, logComponentVerbosity=verbosity)
    host.opt_out()
    host.stop()
    told = [(event.id, event.severity, event.component) for event in host.telemetrys()]
    assert told == [(29800, "I", "CONTROL"), (29803, "I", "CONTROL"), (29801, "I", "CONTROL")]
    assert any(event.severity.startswith("D") for event in host.log) is is_verbose
