"""It goes where the dbpath goes, and is lost with it. docs/opt-out.md says so."""

import shutil
from pathlib import Path

import pytest

from support.host import Launcher
from support.receiver import Receiver
from support.reports import identity


@pytest.fixture
def opted_out(start_host: Launcher, receiver: Receiver, dbpath: Path) -> Path:
    """The dbpath of a host that was opted out before its first attempt."""
    host = start_host(receiver.url, parameters={"perconaTelemetryGracePeriod": "3600"})
    host.status_with("nextAttempt")
    host.set_telemetry(False)
    host.stop()
    assert identity(dbpath)["optOut"] == "1"
    return dbpath


def test_a_copy_is_opted_out_too(
    start_host: Launcher, receiver: Receiver, opted_out: Path, tmp_path: Path
) -> None:
    copied = tmp_path / "copy"
    shutil.copytree(opted_out, copied)
    host = start_host(receiver.url, dbpath=copied)
    host.wait_for("Telemetry disabled", decidedBy="optOut in telemetry_uuid")
    host.stop()
    assert receiver.connection_count() == 0


def test_a_wiped_dbpath_is_a_first_start_that_reports(
    start_host: Launcher, receiver: Receiver, opted_out: Path
) -> None:
    before = identity(opted_out)
    shutil.rmtree(opted_out)
    opted_out.mkdir()
    start_host(receiver.url)
    assert receiver.next_request().report["instanceId"] != before["instanceId"]
