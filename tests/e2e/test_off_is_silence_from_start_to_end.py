"""Each opt-out, from the server's start to its end: no file, no thread, no connection; log and
status name the switch. Where strace is installed, it watches. (Which values are an opt-out:
tests/switches.rs.)"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from support import mounts
from support.host import Host, Launcher
from support.places import HOST_FILE
from support.receiver import Receiver
from support.reports import METRICS, identity
from support.servers import Server
from support.traced import Trace, need_strace

OPTED_OUT = "optOut in telemetry_uuid"


class Watched:
    """Starts servers that report to an endpoint, and sees what becomes of it."""

    def __init__(
        self, server: Server, start_host: Launcher, receiver: Receiver, dbpath: Path, trace: Path
    ) -> None:
        self._server = server
        self._start_host = start_host
        self._receiver = receiver
        self._dbpath = dbpath
        self._trace = Trace(trace)

    def start(self, within: Sequence[str] = (), **how: Any) -> Host:
        within = [*within, *self._trace.within]
        return self._start_host(self._receiver.url, within=within, **how)

    def calls(self, host: Host) -> str:
        """What strace saw of telemetry in a host that has ended."""
        return "\n".join(self._trace.of_telemetry(host.pid))

    def expect_silence(self, host: Host, switch: str) -> None:
        """Expects that this switch keeps the host silent; ends it."""
        host.wait_for("Telemetry disabled", decidedBy=switch)
        assert "PsmdbTelemetry" not in host.thread_names()
        status = host.status()
        assert (status["enabled"], status["decidedBy"]) == (False, switch)
        assert (status["state"], status["attempts"]) == ("off", 0)
        assert status["instanceId"] is None
        report = status["report"]
        assert (report["id"], report["instanceId"], report["createTime"]) == (None, None, None)
        assert [metric["key"] for metric in report["metrics"]] == list(METRICS)
        host.stop()
        assert len(host.telemetrys()) == 1
        self.expect_files(set())
        assert self.calls(host) == ""

    def expect_files(self, files: set[str]) -> None:
        """These are all that telemetry left, and it made no connection."""
        assert self._server.files_of_telemetry(self._dbpath) == files
        assert self._receiver.connection_count() == 0


@pytest.fixture
def watched(
    server: Server, start_host: Launcher, receiver: Receiver, dbpath: Path, tmp_path: Path
) -> Watched:
    return Watched(server, start_host, receiver, dbpath, tmp_path / "trace")


@pytest.mark.parametrize(
    ("switch", "environment", "parameters"),
    [
        ("PERCONA_TELEMETRY_DISABLE", {"PERCONA_TELEMETRY_DISABLE": "1"}, {}),
        ("DO_NOT_TRACK", {"DO_NOT_TRACK": "1"}, {"perconaTelemetry": "true"}),
        ("perconaTelemetry", {}, {"perconaTelemetry": "false"}),
    ],
)
def test_in_the_environment_or_on_the_command_line(
    watched: Watched, switch: str, environment: Mapping[str, str], parameters: Mapping[str, str]
) -> None:
    host = watched.start(environment=environment, parameters=parameters)
    watched.expect_silence(host, switch)


def test_in_the_configuration_file(watched: Watched, tmp_path: Path) -> None:
    conf = tmp_path / "mongod.conf"
    conf.write_text("setParameter:\n  perconaTelemetry: false\n")
    watched.expect_silence(watched.start(options=["--config", str(conf)]), "perconaTelemetry")


def test_in_the_file_of_the_host(watched: Watched) -> None:
    """The server gets an /etc of its own."""
    host = watched.start(within=mounts.within(mounts.OWN_ETC_WITH_THE_FILE))
    watched.expect_silence(host, HOST_FILE)


def test_at_run_time_before_the_first_attempt_and_in_the_next_run(
    watched: Watched, dbpath: Path
) -> None:
    host = watched.start(parameters={"perconaTelemetryGracePeriod": "3600"})
    host.status_with("nextAttempt")
    host.opt_out()
    assert host.status()["state"] == "off"
    host.stop()
    assert "connect(" not in watched.calls(host)
    assert identity(dbpath)["optOut"] == "1"
    before = (dbpath / "telemetry_uuid").read_bytes()

    host = watched.start()
    host.wait_for("Telemetry disabled", decidedBy=OPTED_OUT)
    host.stop()
    calls = watched.calls(host)
    assert not any(call in calls for call in ("connect(", "O_CREAT", "rename")), calls
    assert (dbpath / "telemetry_uuid").read_bytes() == before
    watched.expect_files({"telemetry_uuid"})


@pytest.mark.parametrize(
    ("mark", "options"),
    [
        ("queryableBackupMode", ["--queryableBackupMode"]),
        ("enableTestCommands", ["--setParameter", "enableTestCommands=1"]),
        (
            "disableLogicalSessionCacheRefresh",
            ["--setParameter", "disableLogicalSessionCacheRefresh=true"],
        ),
    ],
)
def test_a_server_that_is_no_installation(
    watched: Watched, start_host: Launcher, mark: str, options: Sequence[str]
) -> None:
    """Read-only, of a test suite, of a backup tool."""
    start_host(None, environment={"DO_NOT_TRACK": "1"}).stop()  # now there is something to read
    watched.expect_silence(watched.start(options=options), mark)


def test_a_repair(watched: Watched, start_host: Launcher) -> None:
    start_host(None, environment={"DO_NOT_TRACK": "1"}).stop()
    host = watched.start(options=["--repair"], wait=False)
    assert host.wait_for_exit_code() == 0
    assert host.events("Telemetry enabled") == []
    watched.expect_files(set())
    assert watched.calls(host) == ""


def test_the_trace_sees_what_a_report_takes(watched: Watched) -> None:
    need_strace()
    host = watched.start()
    host.wait_for("Telemetry report delivered")
    host.stop()
    calls = watched.calls(host)
    for mark in ("connect(", "PsmdbTelemetry", "O_CREAT", "rename"):
        assert mark in calls, mark
