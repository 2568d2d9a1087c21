"""Over https the report goes to an endpoint that is trusted, and to no other."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.host import Launcher
from support.receiver import Receiver
from support.reports import body_by, identity
from support.servers import Server
from support.tls import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_an_endpoint_whose_ca_is_trusted_gets_the_report(
    server: Server,
    start_host: Launcher,
    make_receiver: Callable[..., Receiver],
    dbpath: Path,
    authority: Authority,
) -> None:
    receiver = make_receiver(tls=authority.endpoint())
    host = start_host(receiver.url, **authority.trusted_by(server))
    request = receiver.next_request()
    host.wait_for("Telemetry report delivered")
    host.stop()
    assert request.body == body_by(identity(dbpath))
    assert receiver.connection_count() == 1


@pytest.mark.parametrize(
    ("name", "is_trusted"), [("127.0.0.1", False), ("telemetry.example.org", True)]
)
def test_an_endpoint_of_an_unknown_ca_or_of_another_name_gets_nothing(
    server: Server,
    start_host: Launcher,
    make_receiver: Callable[..., Receiver],
    dbpath: Path,
    authority: Authority,
    name: str,
    is_trusted: bool,
) -> None:
    other = make_receiver(tls=authority.endpoint(name))
    host = start_host(other.url, **(authority.trusted_by(server) if is_trusted else {}))
    failed = host.wait_for("Telemetry report delivery failed, will retry").attributes
    assert "certificate" in failed["error"] and failed["nextAttempt"]
    assert host.status_with("nextAttempt")["state"] in ("retrying", "sending")
    host.stop()
    stored = identity(dbpath)
    assert "PRODUCT_FAMILY_PSMDB" not in stored and "nextAttempt" in stored
    assert other.requests() == []
