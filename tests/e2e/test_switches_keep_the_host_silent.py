"""Each switch that is given at start-up means silence, and is named by log and status."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from support.host import Launcher
from support.receiver import Receiver
from support.servers import Server
from support.silence import expect_silence


@pytest.mark.parametrize(
    ("switch", "given"),  # in the environment, as parameters
    [
        ("PERCONA_TELEMETRY_DISABLE", ({"PERCONA_TELEMETRY_DISABLE": "1"}, {})),
        ("PERCONA_TELEMETRY_DISABLE", ({"PERCONA_TELEMETRY_DISABLE": "what?"}, {})),
        ("DO_NOT_TRACK", ({"DO_NOT_TRACK": "true"}, {})),
        ("perconaTelemetry", ({}, {"perconaTelemetry": "false"})),
        ("DO_NOT_TRACK", ({"DO_NOT_TRACK": "1"}, {"perconaTelemetry": "true"})),
    ],
)
def test_no_file_no_thread_no_connection(
    server: Server,
    start_host: Launcher,
    receiver: Receiver,
    dbpath: Path,
    switch: str,
    given: tuple[Mapping[str, str], Mapping[str, str]],
) -> None:
    environment, parameters = given
    host = start_host(receiver.url, environment=environment, parameters=parameters)
    expect_silence(server, host, receiver, dbpath, switch)


def test_variables_that_say_stay_on_switch_nothing_off(
    start_host: Launcher, receiver: Receiver
) -> None:
    environment = {"PERCONA_TELEMETRY_DISABLE": "0", "DO_NOT_TRACK": "false"}
    host = start_host(receiver.url, environment=environment)
    receiver.next_request()
    host.wait_for("Telemetry enabled", decidedBy="default")
