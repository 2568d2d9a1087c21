"""The section of serverStatus: by default without the instance, whole or left out if asked to."""

from collections.abc import Iterator

import pytest

from support.clients import Client
from support.host import Host, Launcher
from support.servers import Server


@pytest.fixture(scope="module")
def host(start_shared: Launcher) -> Host:
    host = start_shared("http://127.0.0.1:9/", parameters={"perconaTelemetryGracePeriod": "604800"})
    host.status_with("nextAttempt")  # nothing changes from here on
    return host


@pytest.fixture
def client(host: Host) -> Iterator[Client]:
    with host.client() as client:
        yield client


def test_by_default_it_names_neither_the_instance_nor_its_report(client: Client) -> None:
    """It is archived every second, and the archive is handed on."""
    section = client.admin.command("serverStatus")["perconaTelemetry"]
    assert list(section.items()) == [("enabled", True), ("state", "waiting"), ("attempts", 0)]


@pytest.mark.parametrize("asked", [1, True, {}])
def test_it_shows_the_whole_status_if_asked_to(
    server: Server, client: Client, host: Host, asked: object
) -> None:
    answer = client.admin.command("serverStatus", perconaTelemetry=asked)
    assert answer["perconaTelemetry"] == host.status()
    assert (answer["version"], answer["pid"], answer["ok"]) == (server.version, host.pid, 1)


@pytest.mark.parametrize("refused", [0, False])
def test_it_is_left_out_if_told_to(client: Client, refused: object) -> None:
    assert "perconaTelemetry" not in client.admin.command("serverStatus", perconaTelemetry=refused)
