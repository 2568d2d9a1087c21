"""Over https the report goes to an endpoint that is trusted, and to no other."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.host import Launcher
from support.receiver import Receiver
from support.reports import body_by, identity
from support.servers import Server
from support.tls import Authority, Trusting


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def trusting(server: Server, authority: Authority) -> Trusting:
    return authority.trusted_by(server)


def test_an_endpoint_whose_ca_is_trusted_gets_the_report(
    start_host: Launcher,
    make_receiver: Callable[..., Receiver],
    dbpath: Path,
    authority: Authority,
    trusting: Trusting,
) -> None:
    receiver = make_receiver(tls=authority.endpoint())
    host = start_host(receiver.url, environment=trusting.environment, within=trusting.within)
    request = receiver.next_request()
    host.wait_for("Telemetry report delivered")
    host.stop()
    assert request.body == body_by(identity(dbpath))
    assert receiver.connection_count() == 1


def test_an_endpoint_that_nobody_vouches_for_gets_nothing(
    start_host: Launcher, make_receiver: Callable[..., Receiver], dbpath: Path, authority: Authority
) -> None:
    stranger = make_receiver(tls=authority.endpoint())
    host = start_host(stranger.url)
    failed = host.wait_for("Telemetry report delivery failed, will retry").attributes
    assert "certificate" in failed["error"]
    assert failed["nextAttempt"]
    assert host.status_with("nextAttempt")["state"] in ("retrying", "sending")
    host.stop()
    stored = identity(dbpath)
    assert "PRODUCT_FAMILY_PSMDB" not in stored
    assert "nextAttempt" in stored
    assert stranger.requests() == []


def test_an_endpoint_with_the_certificate_of_another_name_gets_nothing(
    start_host: Launcher,
    make_receiver: Callable[..., Receiver],
    authority: Authority,
    trusting: Trusting,
) -> None:
    other = make_receiver(tls=authority.endpoint("telemetry.example.org"))
    host = start_host(other.url, environment=trusting.environment, within=trusting.within)
    failed = host.wait_for("Telemetry report delivery failed, will retry").attributes
    assert "certificate" in failed["error"]
    host.stop()
    assert other.requests() == []
