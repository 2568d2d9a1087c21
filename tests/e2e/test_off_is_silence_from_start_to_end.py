"""Each opt-out, traced from the server's start to its end: no connection, no thread, no file."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from support import traced
from support.host import Launcher
from support.receiver import Receiver
from support.servers import Server


@pytest.fixture(autouse=True)
def need_strace() -> None:
    reason = traced.reason_against()
    if reason is not None:
        pytest.skip(reason)


@pytest.mark.parametrize(
    ("environment", "parameters"),
    [
        ({"PERCONA_TELEMETRY_DISABLE": "1"}, {}),
        ({"DO_NOT_TRACK": "1"}, {}),
        ({}, {"perconaTelemetry": "false"}),
    ],
)
def test_a_switch_at_the_start(
    server: Server,
    start_host: Launcher,
    receiver: Receiver,
    dbpath: Path,
    tmp_path: Path,
    environment: Mapping[str, str],
    parameters: Mapping[str, str],
) -> None:
    trace = tmp_path / "trace"
    host = start_host(
        receiver.url, environment=environment, parameters=parameters, within=traced.within(trace)
    )
    host.wait_for("Telemetry disabled")
    host.status()
    host.stop()
    assert traced.of_telemetry(trace) == []
    assert server.files_of_telemetry(dbpath) == set()


def test_an_opt_out_of_an_earlier_run(
    start_host: Launcher, receiver: Receiver, dbpath: Path, tmp_path: Path
) -> None:
    (dbpath / "telemetry_uuid").write_text("optOut:1\n")
    (dbpath / "telemetry_uuid").chmod(0o600)
    trace = tmp_path / "trace"
    host = start_host(receiver.url, within=traced.within(trace))
    host.wait_for("Telemetry disabled", decidedBy="optOut in telemetry_uuid")
    host.stop()
    found = traced.of_telemetry(trace)
    assert any("telemetry_uuid" in line for line in found), "it is read"
    assert not any("connect(" in line or "O_CREAT" in line or "rename" in line for line in found)
    assert (dbpath / "telemetry_uuid").read_text() == "optOut:1\n"


def test_the_trace_sees_what_a_report_takes(
    start_host: Launcher, receiver: Receiver, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    host = start_host(receiver.url, within=traced.within(trace))
    host.wait_for("Telemetry report delivered")
    host.stop()
    found = "\n".join(traced.of_telemetry(trace))
    for mark in ("connect(", "PsmdbTelemetry", "O_CREAT", "rename"):
        assert mark in found, mark
