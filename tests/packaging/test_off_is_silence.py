"""The whole life of a server, by strace and by what it leaves, for each way of opting out: no
socket, no thread, nothing read but the switches, nothing written but the server's own lock."""

import re
from collections.abc import Callable
from pathlib import Path

import pymongo
import pytest
from support import server
from support.jail import DBPATH, PROGRAM, Jail
from support.places import HOST_FILE
from support.trace import Trace, traced

LOCK = f"{DBPATH}/mongod.lock"
# The server's own log asks for the time zone.
OF_THE_SERVER = {"/etc/localtime"}

ID = "6aef422e-56a7-4530-af9d-94cc02198343"


def life(
    jail: Jail, tmp_path: Path, variables: dict[str, str], *arguments: str
) -> tuple[list[tuple[str, server.Event]], Trace]:
    """Starts and stops a server that would send to the real endpoint, in a jail without a
    network; gives what the library said, and the trace."""
    trace = tmp_path / "trace"
    command = traced(trace, jail.command(*arguments))
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **variables}
    log = server.live(command, environment, server.DECIDED, server.OPEN)
    return server.telemetrys(log), Trace(trace, PROGRAM)


def put_host_file(jail: Jail) -> None:
    jail.put(HOST_FILE[1:], "Made by a package.\n")


def nothing(_: Jail) -> None:
    pass


WAYS: dict[str, tuple[str, dict[str, str], list[str], Callable[[Jail], None]]] = {
    "the variable, as docker run -e sets it": (
        *("PERCONA_TELEMETRY_DISABLE", {"PERCONA_TELEMETRY_DISABLE": "1"}, [], nothing),
    ),
    "DO_NOT_TRACK": ("DO_NOT_TRACK", {"DO_NOT_TRACK": "1"}, [], nothing),
    "the host's file, as packages leave it": (HOST_FILE, {}, [], put_host_file),
    "--setParameter": (
        *("perconaTelemetry", {}, ["--setParameter", "perconaTelemetry=false"], nothing),
    ),
}
each_way = pytest.mark.parametrize(
    ("switch", "variables", "arguments", "prepare"), WAYS.values(), ids=WAYS
)


@each_way
def test_a_first_start(
    switch: str,
    variables: dict[str, str],
    arguments: list[str],
    prepare: Callable[[Jail], None],
    jail: Jail,
    tmp_path: Path,
) -> None:
    prepare(jail)
    before = jail.files()
    said, trace = life(jail, tmp_path, variables, *arguments)
    assert said == [server.off_by(switch)]
    assert trace.sockets == []
    assert trace.threads == 0
    assert trace.written == {LOCK}
    assert trace.read == OF_THE_SERVER
    assert trace.looked_for <= {HOST_FILE}

    after = jail.files()
    assert after.pop(LOCK)[2] == b""
    del before[DBPATH], after[DBPATH]  # the lock is new in it
    assert after == before


@each_way
def test_a_start_with_an_identity_from_earlier(
    switch: str,
    variables: dict[str, str],
    arguments: list[str],
    prepare: Callable[[Jail], None],
    jail: Jail,
    tmp_path: Path,
) -> None:
    """The file is neither read nor changed nor removed."""
    prepare(jail)
    jail.put(f"{DBPATH[1:]}/telemetry_uuid", f"instanceId:{ID}\n")
    jail.put(LOCK[1:], "")
    before = jail.files()
    said, trace = life(jail, tmp_path, variables, *arguments)
    assert said == [server.off_by(switch)]
    assert (trace.sockets, trace.threads) == ([], 0)
    assert trace.written == {LOCK}
    assert trace.read == OF_THE_SERVER
    changed = {path for path, file in jail.files().items() if file != before[path]}
    assert changed <= {LOCK}


def test_an_opt_out_at_run_time_in_an_earlier_life(jail: Jail, tmp_path: Path) -> None:
    """It is in the dbpath, so one thread reads it there, and ends. No socket, nothing written."""
    jail.put(f"{DBPATH[1:]}/telemetry_uuid", f"instanceId:{ID}\noptOut:1\n")
    jail.put(LOCK[1:], "")
    before = jail.files()
    said, trace = life(jail, tmp_path, {})
    assert said == [server.off_by("optOut in telemetry_uuid")]
    assert trace.sockets == []
    assert trace.threads == 1
    assert trace.written == {LOCK}
    assert trace.read == OF_THE_SERVER | {DBPATH, f"{DBPATH}/telemetry_uuid"}
    changed = {path for path, file in jail.files().items() if file != before[path]}
    assert changed <= {LOCK}


def test_an_opt_out_at_run_time_before_the_report_is_sent(jail: Jail, tmp_path: Path) -> None:
    """No byte leaves, and of the files only telemetry_uuid takes note."""
    trace = tmp_path / "trace"
    waiting = ["--setParameter", "perconaTelemetryGracePeriod=3600", "--port", "0"]
    command = traced(trace, jail.command(*waiting, network=True))
    identity = jail.dbpath / "telemetry_uuid"

    def opt_out(log: str) -> None:
        found = re.search(r'"Waiting for connections","attr":{"port":(\d+)', log)
        assert found
        client: pymongo.MongoClient[dict[str, object]]
        with pymongo.MongoClient("127.0.0.1", int(found[1]), directConnection=True) as client:
            client.admin.command({"setParameter": 1, "perconaTelemetry": False})
        server.wait_until(lambda: "optOut:1\n" in identity.read_text())

    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "PERCONA_TELEMETRY_URL": "http://127.0.0.1:9/",
    }
    server.live(command, environment, server.DECIDED, server.OPEN, meanwhile=opt_out)
    seen = Trace(trace, PROGRAM)
    assert seen.peers == set()
    assert seen.written == {LOCK, f"{DBPATH}/telemetry_uuid", f"{DBPATH}/telemetry_uuid.tmp"}
