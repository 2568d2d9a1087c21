"""Servers that repair, that serve a backup, that a test suite or a backup tool starts: silence."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from support.host import Launcher
from support.receiver import Receiver
from support.servers import Server


@pytest.fixture
def used(start_host: Launcher, dbpath: Path) -> Path:
    """A dbpath that has been used, and from which nothing was sent."""
    start_host(None, environment={"DO_NOT_TRACK": "1"}).stop()
    return dbpath


@pytest.mark.parametrize(
    ("decided_by", "options"),
    [
        ("queryableBackupMode", ["--queryableBackupMode"]),
        ("enableTestCommands", ["--setParameter", "enableTestCommands=1"]),
        (
            "disableLogicalSessionCacheRefresh",
            ["--setParameter", "disableLogicalSessionCacheRefresh=true"],
        ),
    ],
)
def test_it_sends_nothing(
    server: Server,
    start_host: Launcher,
    receiver: Receiver,
    used: Path,
    decided_by: str,
    options: Sequence[str],
) -> None:
    host = start_host(receiver.url, options=options)
    host.wait_for("Telemetry disabled", decidedBy=decided_by)
    assert host.status()["state"] == "off"
    host.stop()
    assert server.files_of_telemetry(used) == set()
    assert receiver.connection_count() == 0


def test_a_repair_sends_nothing(
    server: Server, start_host: Launcher, receiver: Receiver, used: Path
) -> None:
    host = start_host(receiver.url, options=["--repair"], wait=False)
    assert host.wait_for_exit_code() == 0
    assert host.events("Telemetry report delivered") == []
    assert server.files_of_telemetry(used) == set()
    assert receiver.connection_count() == 0
