"""A variable that makes no sense is a warning; the server runs, and sends no more than meant."""

from pathlib import Path

import pytest

from support.host import Launcher
from support.receiver import Receiver
from support.reports import identity


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
    warning = host.wait_for("Invalid environment variable for telemetry", variable=variable)
    assert warning.severity == "W"
    assert hint in warning.attributes["reason"] + warning.attributes["effect"]
    receiver.next_request()
    host.wait_for("Telemetry report delivered")
    host.stop()
    assert len(host.warnings()) == 1


@pytest.mark.parametrize(
    "value", ["telemetry", "off", " ", "http://192.0.2.1/", "ftp://localhost/", "file://folder"]
)
def test_a_url_that_cannot_be_used_means_that_nothing_is_sent(
    start_host: Launcher, dbpath: Path, value: str
) -> None:
    host = start_host(None, environment={"PERCONA_TELEMETRY_URL": value})
    failed = host.wait_for("Telemetry failed", decidedBy="default")
    status = host.status()
    assert (status["state"], status["destination"], status["attempts"]) == ("failed", None, 0)
    assert "PERCONA_TELEMETRY_URL" in status["lastError"]
    assert failed.attributes["error"] == status["lastError"]
    host.stop()
    assert host.warnings() == [failed]


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
    host.wait_for("Telemetry report delivered")
    host.stop()
    assert identity(dbpath)["instanceId"] == given
    assert host.warnings() == []
