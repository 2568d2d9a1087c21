"""setParameter through PyMongo: each answer whole, as a 4.4 server gives it."""

from collections.abc import Iterator
from typing import Any

import bson
import pytest

from support.clients import Client, refused
from support.host import Host, Launcher

BAD_VALUE = {"ok": 0, "code": 2, "codeName": "BadValue"}
# A few errors of 4.4 carry no code.
NO_CODE = {"ok": 0}
HELP = "use help:true to see options "


@pytest.fixture(scope="module")
def host(start_shared: Launcher) -> Host:
    # Put off for a week: nothing is sent in these scenarios.
    return start_shared("http://127.0.0.1:9/", parameters={"perconaTelemetryGracePeriod": "604800"})


@pytest.fixture
def client(host: Host) -> Iterator[Client]:
    with host.client() as client:
        client.admin.command("setParameter", 1, perconaTelemetry=True)
        yield client


def is_on(client: Client) -> bool:
    return bool(client.admin.command("getParameter", 1, perconaTelemetry=1)["perconaTelemetry"])


def test_a_known_parameter_gives_its_old_value(client: Client) -> None:
    for value, was in [(False, True), (False, False), (True, False), (True, True)]:
        answer = client.admin.command("setParameter", 1, perconaTelemetry=value)
        assert answer == {"was": was, "ok": 1}
        assert is_on(client) is value


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("perconaTelemetryStatus", "perconaTelemetryStatus is read-only"),
        ("noSuchThing", f"attempted to set unrecognized parameter [noSuchThing], {HELP}"),
        ("perconaTelemetryUrl", "not allowed to change [perconaTelemetryUrl] at runtime"),
        (
            "perconaTelemetryGracePeriod",
            "not allowed to change [perconaTelemetryGracePeriod] at runtime",
        ),
    ],
)
@pytest.mark.parametrize("value", [1, "soon"])
def test_others_cannot_be_set(client: Client, name: str, answer: str, value: Any) -> None:
    code = BAD_VALUE if name == "perconaTelemetryStatus" else NO_CODE
    assert refused(client.admin, {"setParameter": 1, name: value}) == {**code, "errmsg": answer}


@pytest.mark.parametrize(
    ("on", "off"),
    [
        (True, False),
        (1, 0),
        (bson.Int64(1), bson.Int64(0)),
        (1.0, 0.0),
        ("true", "false"),
        ("1", "0"),
    ],
)
def test_these_values_are_bools(client: Client, on: Any, off: Any) -> None:
    for value, is_set in ((off, False), (on, True)):
        answer = client.admin.command("setParameter", 1, perconaTelemetry=value)
        assert answer == {"was": not is_set, "ok": 1}
        assert is_on(client) is is_set


@pytest.mark.parametrize("value", [3, 0.4, float("nan"), "maybe", "", None, [], {}], ids=repr)
def test_a_switch_for_privacy_does_not_guess(client: Client, value: Any) -> None:
    """Of any BSON type; of text, see the unit tests of src/parameters.rs."""
    answer = refused(client.admin, {"setParameter": 1, "perconaTelemetry": value})
    assert answer.pop("errmsg").count("perconaTelemetry") == 1
    assert answer == BAD_VALUE
    assert is_on(client)


def test_true_is_refused_while_another_switch_says_off(start_host: Launcher) -> None:
    """Which switches there are: tests/switches.rs."""
    host = start_host("http://127.0.0.1:9/", environment={"DO_NOT_TRACK": "1"})
    with host.client() as client:
        answer = refused(client.admin, {"setParameter": 1, "perconaTelemetry": True})
        assert "DO_NOT_TRACK" in answer.pop("errmsg")
        assert answer == BAD_VALUE
        # Nothing is wrong with saying off once more.
        answer = client.admin.command("setParameter", 1, perconaTelemetry=False)
        assert answer == {"was": False, "ok": 1}
        assert not is_on(client)


def test_one_bad_name_among_several_leaves_all_as_they_are(client: Client) -> None:
    both = {"perconaTelemetry": False, "perconaTelemetryUrl": "https://localhost/"}
    refused(client.admin, {"setParameter": 1, **both})
    assert is_on(client)


def test_no_name_and_another_database_than_admin(client: Client) -> None:
    answer = refused(client.admin, {"setParameter": 1})
    assert answer == {**NO_CODE, "errmsg": f"no option found to set, {HELP}"}
    answer = refused(client.test, {"setParameter": 1, "perconaTelemetry": False})
    assert answer.pop("errmsg") == "setParameter may only be run against the admin database."
    assert answer == {"ok": 0, "code": 13, "codeName": "Unauthorized"}
    assert is_on(client)
