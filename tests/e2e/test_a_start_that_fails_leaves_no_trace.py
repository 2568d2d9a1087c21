"""A server that cannot start makes no identity, sends nothing, and disturbs no other server."""

import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from support.host import Launcher
from support.patience import PATIENCE
from support.receiver import Receiver
from support.servers import Server


def exit_code(server: Server, dbpath: Path, url: str, options: Sequence[str]) -> int:
    command = [server.program, "--dbpath", dbpath, "--setParameter", f"perconaTelemetryUrl={url}"]
    ended = subprocess.run(
        [*command, *options], capture_output=True, env={}, timeout=PATIENCE, check=False
    )
    return ended.returncode


def test_a_bad_option(server: Server, receiver: Receiver, dbpath: Path) -> None:
    options = [*server.options, "--nonsense"]
    assert exit_code(server, dbpath, receiver.url, options) == server.bad_option
    assert server.files_of_telemetry(dbpath) == set()
    assert receiver.connection_count() == 0


def test_a_port_that_is_taken(server: Server, receiver: Receiver, dbpath: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        options = ["--port", str(taken.getsockname()[1])]
        assert exit_code(server, dbpath, receiver.url, options) == server.port_taken
    assert server.files_of_telemetry(dbpath) == set()
    assert receiver.connection_count() == 0


@pytest.mark.parametrize("delivered", [True, False])
def test_a_dbpath_that_another_server_has(
    server: Server,
    start_host: Launcher,
    receiver: Receiver,
    silent_receiver: Receiver,
    dbpath: Path,
    delivered: bool,
) -> None:
    first = start_host(receiver.url if delivered else silent_receiver.url)
    if delivered:
        first.wait_for("Telemetry report delivered")
        first.status_with("sentAt")
    else:
        silent_receiver.next_request()
    before = (dbpath / "telemetry_uuid").read_bytes()
    assert exit_code(server, dbpath, receiver.url, server.options) == server.dbpath_locked
    assert (dbpath / "telemetry_uuid").read_bytes() == before
    assert first.status()["state"] == ("sent" if delivered else "sending")
    assert receiver.connection_count() == int(delivered)
    first.stop()
