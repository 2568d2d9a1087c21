"""setParameter through PyMongo: each answer whole, as a 4.4 server gives it."""

from collections.abc import Iterator
from typing import Any

import bson
import pytest

from support import mounts
from support.clients import Client, refused
from support.host import Host, Launcher
from support.places import HOST_FILE

BAD_VALUE = {"ok": 0, "code": 2, "codeName": "BadValue"}
# A few errors of 4.4 carry no code.
NO_CODE = {"ok": 0}


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
        (
            "perconaTelemetryStatus",
            {**BAD_VALUE, "errmsg": "perconaTelemetryStatus is read-only"},
        ),
        (
            "noSuchThing",
            {
                **NO_CODE,
                "errmsg": "attempted to set unrecognized parameter [noSuchThing], "
                "use help:true to see options ",
            },
        ),
        (
            "perconaTelemetryUrl",
            {**NO_CODE, "errmsg": "not allowed to change [perconaTelemetryUrl] at runtime"},
        ),
        (
            "perconaTelemetryGracePeriod",
            {**NO_CODE, "errmsg": "not allowed to change [perconaTelemetryGracePeriod] at runtime"},
        ),
    ],
)
@pytest.mark.parametrize("value", [1, "soon", -5])
def test_others_cannot_be_set(
    client: Client, name: str, answer: dict[str, Any], value: Any
) -> None:
    assert refused(client.admin, {"setParameter": 1, name: value}) == answer


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (1, True),
        (bson.Int64(1), True),
        (1.0, True),
        ("true", True),
        ("1", True),
        (False, False),
        (0, False),
        (bson.Int64(0), False),
        (0.0, False),
        ("false", False),
        ("0", False),
    ],
)
def test_these_values_are_bools(client: Client, value: Any, expected: bool) -> None:
    client.admin.command("setParameter", 1, perconaTelemetry=not expected)
    answer = client.admin.command("setParameter", 1, perconaTelemetry=value)
    assert answer == {"was": not expected, "ok": 1}
    assert is_on(client) is expected


@pytest.mark.parametrize("was", [True, False])
@pytest.mark.parametrize(
    "value",
    [3, -1, 2.5, 0.4, float("nan"), "maybe", "True", "FALSE", "yes", "off", "", " 1", None, [], {}],
    ids=repr,
)
def test_a_switch_for_privacy_does_not_guess(client: Client, value: Any, was: bool) -> None:
    client.admin.command("setParameter", 1, perconaTelemetry=was)
    answer = refused(client.admin, {"setParameter": 1, "perconaTelemetry": value})
    assert answer.pop("errmsg").count("perconaTelemetry") == 1
    assert answer == BAD_VALUE
    assert is_on(client) is was


@pytest.mark.parametrize("switch", ["PERCONA_TELEMETRY_DISABLE", "DO_NOT_TRACK", HOST_FILE])
def test_true_is_refused_while_another_switch_says_off(start_host: Launcher, switch: str) -> None:
    how: dict[str, Any] = {"environment": {switch: "1"}}
    if switch == HOST_FILE:
        how = {"within": mounts.within(mounts.OWN_ETC_WITH_THE_FILE)}
    with start_host("http://127.0.0.1:9/", **how).client() as client:
        answer = refused(client.admin, {"setParameter": 1, "perconaTelemetry": True})
        assert switch in answer.pop("errmsg")
        assert answer == BAD_VALUE
        assert not is_on(client)
        # Nothing is wrong with saying off once more.
        answer = client.admin.command("setParameter", 1, perconaTelemetry=False)
        assert answer == {"was": False, "ok": 1}


def test_one_bad_name_among_several_leaves_all_as_they_are(client: Client) -> None:
    both = {"perconaTelemetry": False, "perconaTelemetryUrl": "https://localhost/"}
    refused(client.admin, {"setParameter": 1, **both})
    assert is_on(client)


def test_no_name_is_nothing_to_set(client: Client) -> None:
    answer = refused(client.admin, {"setParameter": 1})
    assert answer == {**NO_CODE, "errmsg": "no option found to set, use help:true to see options "}


def test_other_databases_than_admin_are_refused(client: Client) -> None:
    answer = refused(client.test, {"setParameter": 1, "perconaTelemetry": False})
    assert answer == {
        "ok": 0,
        "errmsg": "setParameter may only be run against the admin database.",
        "code": 13,
        "codeName": "Unauthorized",
    }
    assert is_on(client)
