"""The whole life of a server, by strace and by what it leaves: every thread, socket and file of the
library. Off, for each way of opting out: no socket, no thread, nothing read but the switches,
nothing written. On: what is not in these lists is not touched."""

import ssl
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme
from support import server
from support.host import Host
from support.jail import DBPATH, Jail
from support.places import HOST_FILE
from support.receiver import Receiver
from support.trace import Trace, tracing

LOCK = f"{DBPATH}/mongod.lock"
IDENTITY = f"{DBPATH}/telemetry_uuid"
# Where one that could not be understood would be.
QUARANTINED = f"{IDENTITY}.corrupt"
# The server's own log asks for the time zone.
OF_THE_SERVER = {"/etc/localtime"}

MARKS_OF_A_CONTAINER = {"/.dockerenv", "/run/.containerenv"}
DESCRIBES_THE_SYSTEM = {"/etc/os-release"}
# Asked for only where the one before it says nothing.
OLDER_DESCRIPTIONS = {
    "/usr/lib/os-release",
    "/etc/system-release",
    "/etc/redhat-release",
}
CERTIFICATES = {"/etc/ssl/certs", "/etc/ssl/certs/ca-certificates.crt"}
# The C library's, to find an address for a name.
RESOLVER = {"/etc/nsswitch.conf", "/etc/host.conf", "/etc/resolv.conf", "/etc/hosts"}
# The C library's, before it gives memory back.
ALLOCATOR = {"/proc/sys/vm/overcommit_memory"}
NAME_CACHE = "/var/run/nscd/socket"

READ = OF_THE_SERVER | {DBPATH, IDENTITY}
WRITTEN = {LOCK, IDENTITY, f"{IDENTITY}.tmp"}
WORKER, ATTEMPT = 1, 1

STORED = "instanceId:6aef422e-56a7-4530-af9d-94cc02198343\n"
NOWHERE = "http://127.0.0.1:9/"


@dataclass(frozen=True)
class Life:
    host: Host
    trace: Trace
    changed: set[str]  # files, by their content, mode or time; the server's own lock aside


class Traced:
    """Starts and stops servers in a jail."""

    def __init__(self, jail: Jail, trace: Path) -> None:
        self.jail = jail
        self._trace = trace

    def live(
        self,
        variables: dict[str, str],
        *until: str,
        arguments: tuple[str, ...] = (),
        network: bool = False,
        strace: tuple[str, ...] = (),
        **options: Any,
    ) -> Life:
        self.jail.put(LOCK[1:], "")
        before = self.jail.files()
        command = self.jail.command(*arguments, network=network)
        command = [*tracing(self._trace, *strace), *command]
        host = server.live(command, variables, *until, **options)
        after = self.jail.files()
        changed = {path for path in before | after if before.get(path) != after.get(path)}
        trace = Trace(self._trace, self.jail.root, host.pid)
        return Life(host, trace, changed - {LOCK})

    def report(self, url: str, *until: str, **options: Any) -> Life:
        variables = {"PERCONA_TELEMETRY_URL": url}
        return self.live(variables, *(until or [server.DELIVERED]), network=True, **options)


@pytest.fixture
def traced(jail: Jail, tmp_path: Path) -> Traced:
    return Traced(jail, tmp_path / "trace")


# ---- off -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("earlier", [False, True], ids=["first start", "identity from earlier"])
@pytest.mark.parametrize(
    ("switch", "variables", "arguments"),
    [
        ("PERCONA_TELEMETRY_DISABLE", {"PERCONA_TELEMETRY_DISABLE": "1"}, ()),
        ("DO_NOT_TRACK", {"DO_NOT_TRACK": "1"}, ()),
        (HOST_FILE, {}, ()),
        ("perconaTelemetry", {}, ("--setParameter", "perconaTelemetry=false")),
    ],
)
def test_off(
    switch: str,
    variables: dict[str, str],
    arguments: tuple[str, ...],
    earlier: bool,
    traced: Traced,
) -> None:
    """Of a server that would send to the real endpoint. An identity is neither read nor changed."""
    if switch == HOST_FILE:
        traced.jail.put(HOST_FILE[1:], "Made by a package.\n")
    if earlier:
        traced.jail.put(IDENTITY[1:], STORED)
    life = traced.live(variables, server.DISABLED, arguments=arguments)
    assert server.said(life.host) == server.off_by(switch)
    assert (life.trace.threads, life.trace.sockets) == (0, [])
    assert life.trace.read == OF_THE_SERVER
    assert life.trace.looked_for <= {HOST_FILE}
    assert life.trace.written == {LOCK}
    assert life.changed == set()


def test_an_opt_out_at_run_time_in_an_earlier_life(traced: Traced) -> None:
    """It is in the dbpath, so one thread reads it there, and ends. No socket, nothing written."""
    traced.jail.put(IDENTITY[1:], f"{STORED}optOut:1\n")
    life = traced.live({}, server.DISABLED)
    assert server.said(life.host) == server.off_by("optOut in telemetry_uuid")
    assert (life.trace.threads, life.trace.sockets) == (WORKER, [])
    assert life.trace.read == READ
    assert life.trace.written == {LOCK}
    assert life.changed == set()


def test_an_opt_out_at_run_time_before_the_report_is_sent(traced: Traced) -> None:
    """No byte leaves, and of the files only telemetry_uuid takes note."""
    waiting = ("--setParameter", "perconaTelemetryGracePeriod=3600", "--port", "0")
    life = traced.report(NOWHERE, "Telemetry enabled", arguments=waiting, meanwhile=Host.opt_out)
    assert life.trace.peers == set()
    assert life.trace.written == WRITTEN
    assert life.changed == {DBPATH, IDENTITY}


# ---- on --------------------------------------------------------------------------------------------


def test_a_first_start(traced: Traced, receiver: Receiver) -> None:
    """To an address, without TLS."""
    life = traced.report(receiver.url)
    assert life.trace.threads == WORKER + ATTEMPT
    assert life.trace.sockets == ["AF_INET"]
    assert life.trace.peers == {f"127.0.0.1:{receiver.port}"}
    assert life.trace.read == READ | DESCRIBES_THE_SYSTEM
    assert life.trace.looked_for == {QUARANTINED, HOST_FILE} | MARKS_OF_A_CONTAINER
    assert life.trace.written == WRITTEN
    assert life.changed == {DBPATH, IDENTITY}

    life = traced.report(receiver.url, "Telemetry enabled, report already delivered")
    assert (life.trace.threads, life.trace.sockets) == (WORKER, [])
    assert life.trace.read == READ
    assert life.trace.written == {LOCK}
    assert life.changed == set()


def test_a_first_start_over_https(traced: Traced) -> None:
    """By name, with the system's certificates, as to the real endpoint."""
    authority = trustme.CA()
    traced.jail.put("etc/ssl/certs/ca-certificates.crt", authority.cert_pem.bytes().decode())
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    with closing(Receiver(tls=tls)) as receiver:
        life = traced.report(f"https://localhost:{receiver.port}/")
    assert life.trace.threads == WORKER + ATTEMPT
    assert set(life.trace.sockets) <= {"AF_INET", "AF_INET6", "AF_NETLINK", "AF_UNIX"}
    assert life.trace.peers - {NAME_CACHE} == {f"127.0.0.1:{receiver.port}"}
    own = READ | DESCRIBES_THE_SYSTEM
    assert own | {"/etc/ssl/certs/ca-certificates.crt"} <= life.trace.read
    assert life.trace.read <= own | CERTIFICATES | RESOLVER | ALLOCATOR
    assert life.trace.written == WRITTEN


def test_a_folder_as_the_destination(traced: Traced) -> None:
    (traced.jail.root / "srv").mkdir()
    trace = traced.report("file:///srv").trace
    assert trace.sockets == []
    [report] = (traced.jail.root / "srv").iterdir()
    written = {path for path in trace.written if not path.startswith("/srv")}
    assert written == WRITTEN
    assert all(report.stem in path for path in trace.written - written)


def test_a_system_that_describes_itself_nowhere(traced: Traced, receiver: Receiver) -> None:
    (traced.jail.root / "etc/os-release").unlink()
    trace = traced.report(receiver.url).trace
    described = DESCRIBES_THE_SYSTEM | OLDER_DESCRIPTIONS
    assert trace.read == READ | described
    assert trace.looked_for <= {QUARANTINED, HOST_FILE} | MARKS_OF_A_CONTAINER | described
    assert "OS:unknown\n" in (traced.jail.dbpath / "telemetry_uuid").read_text()


@pytest.mark.parametrize("call", ["connect", "socket"])
def test_a_connection_that_selinux_denies_is_one_quiet_line(call: str, traced: Traced) -> None:
    """strace lets the call fail as the kernel would for a confined server without the module."""
    denied = ("-e", f"inject={call}:error=EACCES")
    host = traced.report(NOWHERE, server.NOT_DELIVERED, strace=denied).host
    assert host.warnings() == []
    _, (_, failure) = server.said(host)
    assert "Permission denied" in failure["error"]
