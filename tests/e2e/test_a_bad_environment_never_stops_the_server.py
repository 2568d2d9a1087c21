"""A variable that makes no sense is a warning; the server runs, with the default in its place."""

from pathlib import Path

import pytest

from support.host import Launcher
from support.receiver import Receiver
from support.reports import identity

DEFAULT_URL = "https://check.percona.com/v1/telemetry/GenericReport"


@pytest.mark.parametrize(
    ("variable", "value", "hint"),
    [
        ("PERCONA_CONNECT_TIMEOUT", "soon", "from 1 to 3600"),
        ("PERCONA_CONNECT_TIMEOUT", "0", "from 1 to 3600"),
        ("PERCONA_SEND_TIMEOUT", "-1", "from 1 to 3600"),
        ("PERCONA_INSTANCE_ID", "me", "a new instanceId is made"),
    ],
)
def test_the_report_is_sent_all_the_same(
    start_host: Launcher, receiver: Receiver, variable: str, value: str, hint: str
) -> None:
    host = start_host(receiver.url, environment={variable: value})
    warning = host.wait_for(variable)
    assert " W TELEMETRY " in warning and hint in warning
    receiver.next_request()
    host.wait_for("is delivered")
    host.stop()
    assert len(host.lines(" W ")) == 1


@pytest.mark.parametrize("value", ["telemetry", "http://192.0.2.1/", "ftp://localhost/"])
def test_a_url_that_is_none_leaves_the_default(start_host: Launcher, value: str) -> None:
    # Put off for a week: nothing may go to the default from here.
    host = start_host(
        None,
        environment={"PERCONA_TELEMETRY_URL": value},
        parameters={"perconaTelemetryGracePeriod": "604800"},
    )
    warning = host.wait_for("PERCONA_TELEMETRY_URL")
    assert " W TELEMETRY " in warning and DEFAULT_URL in warning
    host.wait_for("telemetry is on")
    status = host.status()
    assert (status["state"], status["destination"]) == ("waiting", DEFAULT_URL)
    host.stop()


def test_variables_that_make_sense_are_used_without_a_word(
    start_host: Launcher, receiver: Receiver, dbpath: Path
) -> None:
    given = "0f8fad5b-d9cb-469f-a165-70867728950e"
    host = start_host(
        None,
        environment={
            "PERCONA_TELEMETRY_URL": receiver.url,
            "PERCONA_CONNECT_TIMEOUT": "3",
            "PERCONA_INSTANCE_ID": given,
        },
    )
    assert receiver.next_request().report["instanceId"] == given
    host.wait_for("is delivered")
    host.stop()
    assert identity(dbpath)["instanceId"] == given
    assert host.lines(" W ") == []
