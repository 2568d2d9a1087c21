"""What clients ask the reference host as any server: the handshake, its version, its options."""

from collections.abc import Callable
from contextlib import closing

import pytest

from support.clients import refused
from support.host import Host, Launcher
from support.wire import Wire, message, query

VERSION = "4.4.29-28"


@pytest.fixture
def host(start_host: Launcher) -> Host:
    return start_host(None, environment={"DO_NOT_TRACK": "1"}, options=["--version", VERSION])


@pytest.mark.parametrize("asked", [query, message])
@pytest.mark.parametrize("name", ["hello", "isMaster", "ismaster"])
def test_the_handshake_names_the_wire_version_of_4_4(
    host: Host, asked: Callable[[dict[str, int]], bytes], name: str
) -> None:
    with closing(Wire(host.port)) as wire:
        answer = wire.ask(asked({name: 1}))
        assert (answer["minWireVersion"], answer["maxWireVersion"], answer["ok"]) == (0, 9, 1)
        assert answer["ismaster"] is True and answer["readOnly"] is False
        # Other commands are not taken as OP_QUERY.
        assert wire.ask(query({"setParameter": 1, "perconaTelemetry": False}))["code"] == 352


def test_the_server_is_described(host: Host) -> None:
    with host.client() as client:
        info = client.server_info()
        assert (info["version"], info["versionArray"]) == (VERSION, [4, 4, 29, 28])
        options = client.admin.command("getCmdLineOpts")
        assert options["argv"][3:] == ["--port", "0", "--version", VERSION]
        assert options["parsed"]["storage"] == {"dbPath": options["argv"][2]}
        answer = refused(client.admin, {"find": 1})
        assert (answer["code"], answer["codeName"]) == (59, "CommandNotFound")
        assert answer["errmsg"] == "no such command: 'find'"
