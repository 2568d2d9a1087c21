"""A server that cannot start makes no identity, sends nothing, and disturbs no other server; a
value on its command line that is not accepted gets one line that says what would be."""

import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from support.host import Launcher, refusal
from support.patience import PATIENCE
from support.receiver import Receiver
from support.servers import Server


def exit_code(server: Server, dbpath: Path, url: str, options: Sequence[str]) -> int:
    command = [server.program, "--dbpath", dbpath, "--setParameter", f"perconaTelemetryUrl={url}"]
    ended = subprocess.run(
        [*command, *options], capture_output=True, env={}, timeout=PATIENCE, check=False
    )
    return ended.returncode


def test_a_port_that_is_taken(server: Server, receiver: Receiver, dbpath: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        options = ["--port", str(taken.getsockname()[1])]
        assert exit_code(server, dbpath, receiver.url, options) == server.port_taken
    assert server.files_of_telemetry(dbpath) == set()
    assert receiver.connection_count() == 0


@pytest.mark.parametrize("option", ["--nonsense", "-x", "--port"])
def test_an_option_that_is_unknown_or_lacks_its_value_is_named(
    server: Server, dbpath: Path, option: str
) -> None:
    assert f"'{option}'" in refusal(server, ["--dbpath", str(dbpath), option])
    assert list(dbpath.iterdir()) == []


def test_a_dbpath_that_another_server_has(
    server: Server, start_host: Launcher, silent_receiver: Receiver, dbpath: Path
) -> None:
    first = start_host(silent_receiver.url)
    silent_receiver.next_request()
    before = (dbpath / "telemetry_uuid").read_bytes()
    assert exit_code(server, dbpath, silent_receiver.url, server.options) == server.dbpath_locked
    assert (dbpath / "telemetry_uuid").read_bytes() == before
    assert first.status()["state"] == "sending"
    assert silent_receiver.connection_count() == 1
    first.stop()


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("noSuch=1", "BadValue: Unknown --setParameter 'noSuch'"),
        (
            "perconaTelemetryStatus=1",
            'BadValue: Cannot use --setParameter to set "perconaTelemetryStatus" at startup',
        ),
    ],
)
def test_parameters_that_cannot_be_set_are_refused_as_by_mongod(
    server: Server, dbpath: Path, setting: str, line: str
) -> None:
    assert refusal(server, ["--dbpath", str(dbpath), "--setParameter", setting]) == line
    assert list(dbpath.iterdir()) == []


@pytest.mark.parametrize(
    ("setting", "hint"),
    [
        ("perconaTelemetry=maybe", "true, false, 1 or 0"),
        ("perconaTelemetry=", "true, false, 1 or 0"),
        ("perconaTelemetryGracePeriod=604801", "from 0 to 604800"),
        ("perconaTelemetryUrl=http://192.0.2.1/", "use https"),
        ("perconaTelemetryUrl=https://me:secret@localhost/", "leave them out"),
    ],
)
def test_a_value_that_a_parameter_does_not_take(
    server: Server, dbpath: Path, setting: str, hint: str
) -> None:
    """Which these are: the unit tests of src/parameters.rs."""
    line = refusal(server, ["--dbpath", str(dbpath), "--setParameter", setting])
    assert line.startswith("BadValue: ")
    assert setting.split("=")[0] in line and hint in line
    assert "secret" not in line
    assert list(dbpath.iterdir()) == []
