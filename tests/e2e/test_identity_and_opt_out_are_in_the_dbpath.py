"""A clone, a snapshot or a template takes telemetry_uuid along, and so the identity and an opt-out
at run time; both are lost with the dbpath. docs/opt-out.md says so."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from support.host import Host, Launcher
from support.receiver import Receiver
from support.reports import identity


@pytest.fixture
def waiting(start_host: Launcher, receiver: Receiver) -> Host:
    """A host that has stored its report, and sends nothing yet."""
    host = start_host(receiver.url, parameters={"perconaTelemetryGracePeriod": "3600"})
    host.status_with("nextAttempt")
    return host


@pytest.fixture
def copy_of(dbpath: Path, tmp_path: Path) -> Callable[[Host], Path]:
    """Ends a host, and copies its dbpath."""

    def copy_of(host: Host) -> Path:
        host.stop()
        return Path(shutil.copytree(dbpath, tmp_path / "copy"))

    return copy_of


def test_before_the_delivery_a_copy_sends_the_same_report(
    start_host: Launcher, receiver: Receiver, waiting: Host, copy_of: Callable[[Host], Path]
) -> None:
    copied = copy_of(waiting)
    start_host(receiver.url)
    of_the_original = receiver.next_request()
    start_host(receiver.url, dbpath=copied)
    assert receiver.next_request().body == of_the_original.body


def test_after_the_delivery_a_copy_sends_nothing_and_a_template_is_an_instance_of_its_own(
    start_host: Launcher, receiver: Receiver, copy_of: Callable[[Host], Path]
) -> None:
    original = start_host(receiver.url)
    delivered = original.status_with("sentAt")
    copied = copy_of(original)
    copy = start_host(receiver.url, dbpath=copied)
    status = copy.status_with("sentAt")
    assert (status["state"], status["attempts"]) == ("sent", 0)
    assert status["report"] == delivered["report"]
    assert receiver.connection_count() == 1

    copy.stop()
    (copied / "telemetry_uuid").unlink()
    start_host(receiver.url, dbpath=copied).status_with("sentAt")
    of_the_original, of_the_template = receiver.next_request(), receiver.next_request()
    for key in ("instanceId", "id"):
        assert of_the_template.report[key] != of_the_original.report[key]
    assert identity(copied)["instanceId"] == of_the_template.report["instanceId"]


def test_a_copy_is_opted_out_too_and_a_wiped_dbpath_is_not(
    start_host: Launcher,
    receiver: Receiver,
    waiting: Host,
    copy_of: Callable[[Host], Path],
    dbpath: Path,
) -> None:
    waiting.opt_out()
    copied = copy_of(waiting)
    before = identity(copied)
    host = start_host(receiver.url, dbpath=copied)
    host.wait_for("Telemetry disabled", decidedBy="optOut in telemetry_uuid")
    host.stop()
    assert receiver.connection_count() == 0

    shutil.rmtree(dbpath)
    dbpath.mkdir()
    start_host(receiver.url)
    assert receiver.next_request().report["instanceId"] != before["instanceId"]
