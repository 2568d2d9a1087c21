"""With access control: the built-in roles that may read the status, and those that may switch.

docs/dba.md has the same table.
"""

import re
from typing import Any

import pytest

from support.clients import Client
from support.host import Host, Launcher
from support.places import REPOSITORY

ROLES = (
    "root",
    *("read", "readWrite", "dbAdmin", "userAdmin", "dbOwner"),
    *("clusterMonitor", "clusterManager", "hostManager", "clusterAdmin"),
    *("backup", "restore"),
    *("readAnyDatabase", "readWriteAnyDatabase", "dbAdminAnyDatabase", "userAdminAnyDatabase"),
)
PASSWORD, MECHANISM = "secret", "SCRAM-SHA-1"
COMMANDS: dict[str, dict[str, Any]] = {
    "getParameter": {"getParameter": 1, "perconaTelemetryStatus": 1},
    "serverStatus": {"serverStatus": 1, "perconaTelemetry": 1},
    "setParameter": {"setParameter": 1, "perconaTelemetry": False},
}
ACCESS_CONTROL = ["--auth", "--setParameter", "scramIterationCount=5000"]  # quick to log in


@pytest.fixture
def host(start_host: Launcher) -> Host:
    """One that has a user for each role."""
    grace = {"perconaTelemetryGracePeriod": "604800"}
    host = start_host("http://127.0.0.1:9/", parameters=grace, options=ACCESS_CONTROL)
    for number, role in enumerate(ROLES):
        with host.client(**(login("root") if number else {})) as client:
            user = {"createUser": role, "pwd": PASSWORD, "mechanisms": [MECHANISM]}
            client.admin.command({**user, "roles": [role]})
    return host


def login(role: str) -> dict[str, str]:
    return {"username": role, "password": PASSWORD, "authMechanism": MECHANISM}


def refusal(client: Client, command: dict[str, Any]) -> str | None:
    """What the server says to a command that may not be run."""
    answer = client.admin.command(command, check=False)
    assert answer["ok"] or answer["codeName"] == "Unauthorized", answer
    return None if answer["ok"] else str(answer["errmsg"])


def documented() -> dict[str, set[str]]:
    """Who may run which command, as docs/dba.md has it."""
    page = (REPOSITORY / "docs/dba.md").read_text()
    rows = re.findall(rf"^\| `({'|'.join(COMMANDS)})` \| (.+) \|$", page, re.MULTILINE)
    return {command: set(re.findall(r"`(\w+)`", roles)) for command, roles in rows}


def test_those_of_the_page_may_and_all_others_are_refused_by_the_server(host: Host) -> None:
    allowed: dict[str, set[str]] = {name: set() for name in COMMANDS}
    for role in ROLES:
        with host.client(**login(role)) as client:
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
