"""getParameter, one, several and all, and the section of serverStatus, through PyMongo."""

from collections.abc import Iterator

import pytest

from support.clients import Client, refused
from support.host import Host, Launcher
from support.servers import Server

URL = "http://127.0.0.1:9/"


@pytest.fixture(scope="module")
def host(start_shared: Launcher) -> Host:
    host = start_shared(URL, parameters={"perconaTelemetryGracePeriod": "604800"})
    host.status_with("nextAttempt")  # nothing changes from here on
    return host


@pytest.fixture
def client(host: Host) -> Iterator[Client]:
    with host.client() as client:
        yield client


def test_one_parameter_several_and_all(client: Client, host: Host) -> None:
    values = {
        "perconaTelemetry": True,
        "perconaTelemetryUrl": URL,
        "perconaTelemetryGracePeriod": 604800,
        "perconaTelemetryStatus": host.status(),
    }
    for name, value in values.items():
        answer = client.admin.command({"getParameter": 1, name: 1})
        assert answer == {name: value, "ok": 1}
        assert type(answer[name]) is type(value)
    asked = {"perconaTelemetryUrl": 1, "noSuchThing": 1, "perconaTelemetry": 1}
    answer = client.admin.command({"getParameter": 1, **asked})
    assert answer == {"perconaTelemetry": True, "perconaTelemetryUrl": URL, "ok": 1}
    answer = client.admin.command("getParameter", "*")
    ours = {name: value for name, value in answer.items() if "perconaTelemetry" in name}
    assert (ours, answer["ok"]) == (values, 1)


def test_an_unknown_one_is_no_option(client: Client) -> None:
    answer = refused(client.admin, {"getParameter": 1, "noSuchThing": 1})
    assert answer == {"ok": 0, "errmsg": "no option found to get"}


def test_by_default_the_section_names_neither_the_instance_nor_its_report(client: Client) -> None:
    """It is archived every second, and the archive is handed on."""
    section = client.admin.command("serverStatus")["perconaTelemetry"]
    assert list(section.items()) == [("enabled", True), ("state", "waiting"), ("attempts", 0)]


@pytest.mark.parametrize("asked", [1, True, {}])
def test_the_section_shows_the_whole_status_if_asked_to(
    server: Server, client: Client, host: Host, asked: object
) -> None:
    answer = client.admin.command("serverStatus", perconaTelemetry=asked)
    assert answer["perconaTelemetry"] == host.status()
    assert (answer["version"], answer["pid"], answer["ok"]) == (server.version, host.pid, 1)


@pytest.mark.parametrize("refused", [0, False])
def test_the_section_is_left_out_if_told_to(client: Client, refused: object) -> None:
    assert "perconaTelemetry" not in client.admin.command("serverStatus", perconaTelemetry=refused)
