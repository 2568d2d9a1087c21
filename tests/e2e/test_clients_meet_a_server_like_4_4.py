"""What clients ask any server: the handshake, its version, its options, its status, its end."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pymongo.errors
import pytest

from support.clients import Client, refused
from support.host import Host, Launcher
from support.wire import Wire, message, query

URL = "http://127.0.0.1:9/"


@pytest.fixture
def host(start_host: Launcher) -> Host:
    host = start_host(
        URL,
        parameters={"perconaTelemetryGracePeriod": "604800"},
        options=["--version", "4.4.29-28"],
    )
    host.status_with("nextAttempt")  # nothing changes from here on
    return host


@pytest.fixture
def client(host: Host) -> Iterator[Client]:
    with host.client() as client:
        yield client


@pytest.mark.parametrize("name", ["hello", "isMaster", "ismaster"])
def test_the_handshake_names_the_wire_version_of_4_4(client: Client, name: str) -> None:
    answer = client.admin.command(name)
    assert (answer["minWireVersion"], answer["maxWireVersion"], answer["ok"]) == (0, 9, 1)
    assert answer["ismaster"] is True and answer["readOnly"] is False


@pytest.mark.parametrize("asked", [query, message])
def test_the_handshake_is_taken_in_both_forms_of_message(
    host: Host, asked: Callable[[dict[str, int]], bytes]
) -> None:
    with closing(Wire(host.port)) as wire:
        answer = wire.ask(asked({"isMaster": 1}))
        assert (answer["maxWireVersion"], answer["ok"]) == (9, 1)


def test_other_commands_are_not_taken_as_op_query(host: Host) -> None:
    with closing(Wire(host.port)) as wire:
        answer = wire.ask(query({"setParameter": 1, "perconaTelemetry": False}))
        assert (answer["ok"], answer["code"]) == (0, 352)
    assert host.status()["enabled"]


def test_build_info_tells_the_version_that_is_reported(client: Client, host: Host) -> None:
    answer = client.admin.command("buildInfo")
    assert (answer["version"], answer["versionArray"], answer["ok"]) == (
        "4.4.29-28",
        [4, 4, 29, 28],
        1,
    )
    metrics = host.status()["report"]["metrics"]
    assert {"key": "pillar_version", "value": "4.4.29-28"} in metrics
    assert client.server_info() == answer


def test_the_command_line_is_told_as_typed(client: Client, dbpath: Path) -> None:
    answer = client.admin.command("getCmdLineOpts")
    assert answer["argv"][1:] == [
        "--dbpath",
        str(dbpath),
        "--port",
        "0",
        "--version",
        "4.4.29-28",
        "--setParameter",
        f"perconaTelemetryUrl={URL}",
        "--setParameter",
        "perconaTelemetryGracePeriod=604800",
    ]
    assert answer["parsed"]["storage"] == {"dbPath": str(dbpath)}
    assert answer["parsed"]["setParameter"] == {
        "perconaTelemetryUrl": URL,
        "perconaTelemetryGracePeriod": "604800",
    }
    assert answer["ok"] == 1


def test_ping_and_the_end_of_sessions(client: Client) -> None:
    assert client.admin.command("ping") == {"ok": 1}
    assert client.test.command("ping") == {"ok": 1}
    assert client.admin.command("endSessions", []) == {"ok": 1}
    with client.start_session() as session:
        assert client.admin.command("ping", session=session) == {"ok": 1}


@pytest.mark.parametrize("name", ["noSuchCommand", "find", "PING", "set.parameter"])
def test_an_unknown_command_is_not_found(client: Client, name: str) -> None:
    assert refused(client.admin, {name: 1}) == {
        "ok": 0,
        "errmsg": f"no such command: '{name}'",
        "code": 59,
        "codeName": "CommandNotFound",
    }
    assert client.admin.command("ping") == {"ok": 1}


def test_shutdown_ends_the_process_with_code_0(client: Client, host: Host) -> None:
    client.admin.command("ping")
    begin = time.monotonic()
    with pytest.raises(pymongo.errors.AutoReconnect):
        client.admin.command("shutdown")
    ending = host.wait_for_clean_end(begin)
    assert ending.seconds < 1
