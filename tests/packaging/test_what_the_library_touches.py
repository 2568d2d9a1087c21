"""With telemetry on: every thread, socket and file of the library, by strace. What is not in
these lists is not touched."""

import ssl
from pathlib import Path

import pytest
import trustme
from support import server
from support.jail import DBPATH, PROGRAM, Jail
from support.places import HOST_FILE
from support.receiver import receiving
from support.trace import Trace, traced

LOCK = f"{DBPATH}/mongod.lock"
IDENTITY = f"{DBPATH}/telemetry_uuid"
# Where one that could not be understood would be.
QUARANTINED = f"{IDENTITY}.corrupt"
OF_THE_SERVER = {"/etc/localtime"}

SWITCHES = {HOST_FILE}
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
NAME_CACHE = "/var/run/nscd/socket"

WRITES = {LOCK, IDENTITY, f"{IDENTITY}.tmp"}
WORKER, ATTEMPT = 1, 1


def first_start(
    jail: Jail, tmp_path: Path, url: str, *options: str, until: str = server.DELIVERED
) -> tuple[list[server.Event], Trace]:
    trace = tmp_path / "trace"
    command = traced(trace, jail.command(network=True), *options)
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PERCONA_TELEMETRY_URL": url}
    log = server.live(command, environment, until, server.OPEN)
    return log, Trace(trace, PROGRAM)


def test_a_first_start(jail: Jail, tmp_path: Path) -> None:
    """To an address, without TLS."""
    with receiving() as port:
        _, trace = first_start(jail, tmp_path, f"http://127.0.0.1:{port}/")
    assert trace.threads == WORKER + ATTEMPT
    assert trace.sockets == ["AF_INET"]
    assert trace.peers == {f"127.0.0.1:{port}"}
    assert trace.read == OF_THE_SERVER | DESCRIBES_THE_SYSTEM | {DBPATH, IDENTITY}
    assert trace.looked_for == {QUARANTINED} | SWITCHES | MARKS_OF_A_CONTAINER
    assert trace.written == WRITES
    assert {path.name for path in jail.dbpath.iterdir()} == {"mongod.lock", "telemetry_uuid"}


def test_a_first_start_over_https(jail: Jail, tmp_path: Path) -> None:
    """By name, with the system's certificates, as to the real endpoint."""
    authority = trustme.CA()
    jail.put("etc/ssl/certs/ca-certificates.crt", authority.cert_pem.bytes().decode())
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)
    with receiving(tls) as port:
        _, trace = first_start(jail, tmp_path, f"https://localhost:{port}/")
    assert trace.threads == WORKER + ATTEMPT
    assert set(trace.sockets) <= {"AF_INET", "AF_INET6", "AF_NETLINK", "AF_UNIX"}
    assert trace.peers - {NAME_CACHE} == {f"127.0.0.1:{port}"}
    own = OF_THE_SERVER | DESCRIBES_THE_SYSTEM | {DBPATH, IDENTITY}
    assert trace.read <= own | CERTIFICATES | RESOLVER
    assert trace.read >= own | {"/etc/ssl/certs/ca-certificates.crt"}
    assert trace.written == WRITES


def test_a_start_that_has_nothing_to_send(jail: Jail, tmp_path: Path) -> None:
    with receiving() as port:
        first_start(jail, tmp_path, f"http://127.0.0.1:{port}/")
        before = jail.files()
        url = f"http://127.0.0.1:{port}/"
        _, trace = first_start(jail, tmp_path, url, until=server.REPORTED_BEFORE)
    assert trace.threads == WORKER
    assert trace.sockets == []
    assert trace.read == OF_THE_SERVER | {DBPATH, IDENTITY}
    assert trace.written == {LOCK}
    changed = {path for path, file in jail.files().items() if file != before[path]}
    assert changed <= {LOCK}


def test_a_folder_as_the_destination(jail: Jail, tmp_path: Path) -> None:
    (jail.root / "srv").mkdir()
    _, trace = first_start(jail, tmp_path, "file:///srv")
    assert trace.sockets == []
    [report] = (jail.root / "srv").iterdir()
    written = {path for path in trace.written if not path.startswith("/srv")}
    assert written == WRITES
    assert all(report.stem in path for path in trace.written - written)


def test_a_system_that_describes_itself_nowhere(jail: Jail, tmp_path: Path) -> None:
    (jail.root / "etc/os-release").unlink()
    with receiving() as port:
        _, trace = first_start(jail, tmp_path, f"http://127.0.0.1:{port}/")
    described = DESCRIBES_THE_SYSTEM | OLDER_DESCRIPTIONS
    assert trace.read == OF_THE_SERVER | {DBPATH, IDENTITY} | described
    elsewhere = {QUARANTINED} | SWITCHES | MARKS_OF_A_CONTAINER
    assert trace.looked_for <= elsewhere | described
    assert "OS:unknown\n" in (jail.dbpath / "telemetry_uuid").read_text()


@pytest.mark.parametrize("call", ["connect", "socket"])
def test_a_connection_that_selinux_denies_is_one_quiet_line(
    call: str, jail: Jail, tmp_path: Path
) -> None:
    """strace lets the call fail as the kernel would for a confined server without the module."""
    denied = f"inject={call}:error=EACCES"
    log, _ = first_start(
        jail, tmp_path, "http://127.0.0.1:9/", "-e", denied, until=server.NOT_DELIVERED
    )
    assert server.warnings(log) == []
    said = server.telemetrys(log)
    assert len(said) == 2
    assert "Permission denied" in said[1][1]["error"]
