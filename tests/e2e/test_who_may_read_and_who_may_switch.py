"""With access control: the built-in roles that may read the status, and those that may switch.

docs/dba.md has the same table.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pymongo
import pymongo.errors
import pytest

from support.host import Host, Launcher
from support.places import REPOSITORY

ROLES = (
    *("read", "readWrite", "dbAdmin", "userAdmin", "dbOwner"),
    *("clusterMonitor", "clusterManager", "hostManager", "clusterAdmin"),
    *("backup", "restore"),
    *("readAnyDatabase", "readWriteAnyDatabase", "dbAdminAnyDatabase", "userAdminAnyDatabase"),
    "root",
)
COMMANDS: dict[str, dict[str, Any]] = {
    "getParameter": {"getParameter": 1, "perconaTelemetryStatus": 1},
    "serverStatus": {"serverStatus": 1, "perconaTelemetry": 1},
    "setParameter": {"setParameter": 1, "perconaTelemetry": False},
}
ACCESS_CONTROL = ["--auth", "--setParameter", "scramIterationCount=5000"]  # quick to log in


@pytest.fixture
def host(start_host: Launcher) -> Iterator[Host]:
    grace = {"perconaTelemetryGracePeriod": "604800"}
    host = start_host("http://127.0.0.1:9/", parameters=grace, options=ACCESS_CONTROL)

    def create(client: pymongo.MongoClient[dict[str, Any]], role: str) -> None:
        client.admin.command(
            "createUser", role, pwd="secret", roles=[role], mechanisms=["SCRAM-SHA-1"]
        )

    with host.client() as client:
        create(client, "root")
    with closing(client_as(host, "root")) as client:
        for role in ROLES[:-1]:
            create(client, role)
    yield host


def client_as(host: Host, role: str) -> pymongo.MongoClient[dict[str, Any]]:
    return pymongo.MongoClient(
        "127.0.0.1",
        host.port,
        directConnection=True,
        username=role,
        password="secret",
        authMechanism="SCRAM-SHA-1",
    )


def refusal(client: pymongo.MongoClient[dict[str, Any]], command: dict[str, Any]) -> str | None:
    """What the server says to a command that may not be run."""
    try:
        client.admin.command(command)
    except pymongo.errors.OperationFailure as error:
        assert error.details is not None and error.details["codeName"] == "Unauthorized", error
        return str(error.details["errmsg"])
    return None


def documented() -> dict[str, set[str]]:
    """Who may run which command, as docs/dba.md has it."""
    page = (REPOSITORY / "docs/dba.md").read_text()
    rows = re.findall(rf"^\| `({'|'.join(COMMANDS)})` \| (.+) \|$", page, re.MULTILINE)
    return {command: set(re.findall(r"`(\w+)`", roles)) for command, roles in rows}


def test_those_of_the_page_may_and_all_others_are_refused_by_the_server(host: Host) -> None:
    allowed: dict[str, set[str]] = {name: set() for name in COMMANDS}
    for role in ROLES:
        with closing(client_as(host, role)) as client:
            for name, command in COMMANDS.items():
                words = refusal(client, command)
                if words is None:
                    allowed[name].add(role)
                else:  # the server's own, as for any other command
                    assert f"not authorized on admin to execute command {{ {name}: 1" in words
    assert allowed == documented()


def test_without_a_user_nothing_is_told(host: Host) -> None:
    with host.client() as client:
        for name, command in COMMANDS.items():
            assert refusal(client, command) == f"command {name} requires authentication"
