"""What clients ask the reference host as any server: the handshake, its version, its options."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from support.clients import Client, refused
from support.host import Host, Launcher
from support.wire import Wire, message, query


@pytest.fixture
def host(start_host: Launcher) -> Host:
    options = ["--version", "4.4.29-28"]
    return start_host(None, environment={"DO_NOT_TRACK": "1"}, options=options)


@pytest.fixture
def client(host: Host) -> Iterator[Client]:
    with host.client() as client:
        yield client


@pytest.mark.parametrize("asked", [query, message])
@pytest.mark.parametrize("name", ["hello", "isMaster", "ismaster"])
def test_the_handshake_names_the_wire_version_of_4_4(
    host: Host, asked: Callable[[dict[str, int]], bytes], name: str
) -> None:
    with closing(Wire(host.port)) as wire:
        answer = wire.ask(asked({name: 1}))
    assert (answer["minWireVersion"], answer["maxWireVersion"], answer["ok"]) == (0, 9, 1)
    assert answer["ismaster"] is True and answer["readOnly"] is False


def test_other_commands_are_not_taken_as_op_query(host: Host) -> None:
    with closing(Wire(host.port)) as wire:
        answer = wire.ask(query({"setParameter": 1, "perconaTelemetry": False}))
    assert (answer["ok"], answer["code"]) == (0, 352)


def test_the_version_is_the_one_that_is_reported(client: Client, host: Host) -> None:
    answer = client.server_info()
    assert (answer["version"], answer["versionArray"]) == ("4.4.29-28", [4, 4, 29, 28])
    metrics = host.status()["report"]["metrics"]
    assert {"key": "pillar_version", "value": "4.4.29-28"} in metrics


def test_the_command_line_is_told_as_typed(client: Client) -> None:
    answer = client.admin.command("getCmdLineOpts")
    assert answer["argv"][3:] == ["--port", "0", "--version", "4.4.29-28"]
    assert answer["parsed"]["storage"] == {"dbPath": answer["argv"][2]}


def test_an_unknown_command_is_not_found(client: Client) -> None:
    assert refused(client.admin, {"find": 1}) == {
        "ok": 0,
        "errmsg": "no such command: 'find'",
        "code": 59,
        "codeName": "CommandNotFound",
    }
    assert client.admin.command("ping") == {"ok": 1}
