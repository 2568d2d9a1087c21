"""A clone, a snapshot or a template takes telemetry_uuid along, and so the identity."""

import shutil
from pathlib import Path

import pytest

from support.host import Launcher
from support.receiver import Receiver
from support.reports import identity


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Where the copy goes."""
    return tmp_path / "copy"


def test_before_the_delivery_both_send_the_same_report(
    start_host: Launcher, receiver: Receiver, dbpath: Path, copied: Path
) -> None:
    waiting = start_host(receiver.url, parameters={"perconaTelemetryGracePeriod": "3600"})
    waiting.status_with("nextAttempt")
    waiting.stop()
    shutil.copytree(dbpath, copied)

    start_host(receiver.url)
    of_the_original = receiver.next_request()
    start_host(receiver.url, dbpath=copied)
    assert receiver.next_request().body == of_the_original.body


def test_after_the_delivery_the_copy_sends_nothing(
    start_host: Launcher, receiver: Receiver, dbpath: Path, copied: Path
) -> None:
    original = start_host(receiver.url)
    delivered = original.status_with("sentAt")
    original.stop()
    shutil.copytree(dbpath, copied)

    status = start_host(receiver.url, dbpath=copied).status_with("sentAt")
    assert (status["state"], status["attempts"]) == ("sent", 0)
    assert status["report"] == delivered["report"]
    assert receiver.connection_count() == 1


def test_without_telemetry_uuid_a_template_makes_instances_of_their_own(
    start_host: Launcher, receiver: Receiver, dbpath: Path, copied: Path
) -> None:
    original = start_host(receiver.url)
    original.status_with("sentAt")
    original.stop()
    shutil.copytree(dbpath, copied)
    (copied / "telemetry_uuid").unlink()

    start_host(receiver.url, dbpath=copied).status_with("sentAt")
    of_the_original, of_the_copy = receiver.next_request().report, receiver.next_request().report
    assert of_the_copy["instanceId"] != of_the_original["instanceId"]
    assert of_the_copy["id"] != of_the_original["id"]
    assert identity(copied)["instanceId"] == of_the_copy["instanceId"]
