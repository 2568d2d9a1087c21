"""getParameter through PyMongo: one, several, all, with details, unknown."""

from collections.abc import Iterator
from typing import Any

import pytest

from support.clients import Client, refused
from support.host import Host, Launcher

URL = "http://127.0.0.1:9/"
SETTABLE = {  # name: at start-up, at run time
    "perconaTelemetry": (True, True),
    "perconaTelemetryUrl": (True, False),
    "perconaTelemetryGracePeriod": (True, False),
    "perconaTelemetryStatus": (False, False),
}


@pytest.fixture(scope="module")
def host(start_shared: Launcher) -> Host:
    host = start_shared(URL, parameters={"perconaTelemetryGracePeriod": "604800"})
    host.status_with("nextAttempt")  # nothing changes from here on
    return host


@pytest.fixture
def client(host: Host) -> Iterator[Client]:
    with host.client() as client:
        yield client


def values(status: dict[str, Any]) -> dict[str, Any]:
    return {
        "perconaTelemetry": True,
        "perconaTelemetryUrl": URL,
        "perconaTelemetryGracePeriod": 604800,
        "perconaTelemetryStatus": status,
    }


@pytest.mark.parametrize("name", SETTABLE)
def test_one(client: Client, host: Host, name: str) -> None:
    answer = client.admin.command({"getParameter": 1, name: 1})
    assert answer == {name: values(host.status())[name], "ok": 1}


def test_several_and_unknown_ones_beside_them(client: Client) -> None:
    answer = client.admin.command(
        "getParameter", 1, perconaTelemetryUrl=1, noSuchThing=1, perconaTelemetry=1
    )
    assert answer == {"perconaTelemetry": True, "perconaTelemetryUrl": URL, "ok": 1}


def test_all(client: Client, host: Host) -> None:
    expect_all(client.admin.command("getParameter", "*"), host)


def test_all_in_newer_words(client: Client, host: Host) -> None:
    expect_all(client.admin.command("getParameter", {"allParameters": True}), host)


def expect_all(answer: dict[str, Any], host: Host) -> None:
    ours = {name: value for name, value in answer.items() if name in SETTABLE}
    assert ours == values(host.status())
    assert answer["ok"] == 1


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"showDetails": True}, ["perconaTelemetry", "perconaTelemetryStatus"]),
        ({"showDetails": True, "allParameters": True}, list(SETTABLE)),
    ],
)
def test_details_say_when_a_parameter_can_be_set(
    client: Client, host: Host, options: dict[str, bool], names: list[str]
) -> None:
    answer = client.admin.command(
        {"getParameter": options, "perconaTelemetry": 1, "perconaTelemetryStatus": 1}
    )
    known = values(host.status())
    details = {
        name: {
            "value": known[name],
            "settableAtRuntime": at_runtime,
            "settableAtStartup": at_startup,
        }
        for name, (at_startup, at_runtime) in SETTABLE.items()
        if name in names
    }
    ours = {name: value for name, value in answer.items() if name in SETTABLE}
    assert ours == details
    assert answer["ok"] == 1


def test_an_unknown_one_is_no_option(client: Client) -> None:
    answer = refused(client.admin, {"getParameter": 1, "noSuchThing": 1})
    assert answer == {"ok": 0, "errmsg": "no option found to get"}


def test_the_types_are_those_of_the_parameters(client: Client) -> None:
    answer = client.admin.command("getParameter", "*")
    assert [type(answer[name]) for name in SETTABLE] == [bool, str, int, dict]
