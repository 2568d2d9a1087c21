"""A host without a network writes its report into a folder, for others to carry on."""

import re
from pathlib import Path

from support.host import Launcher
from support.reports import body_by, checked, identity


def test_the_folder_holds_one_file_with_the_body_of_the_request(
    start_host: Launcher, dbpath: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    start_host(folder.as_uri()).wait_for("Telemetry report delivered")

    (file,) = folder.iterdir()
    stored = identity(dbpath)
    assert re.fullmatch(rf"[0-9]+-{stored['instanceId']}\.json", file.name)
    assert file.read_bytes() == body_by(stored)
    checked(file.read_bytes())


def test_a_folder_that_is_not_there_is_a_failure_that_names_it(
    start_host: Launcher, tmp_path: Path
) -> None:
    folder = tmp_path / "gone"
    host = start_host(folder.as_uri())
    failed = host.wait_for("Telemetry failed", decidedBy="default")
    status = host.status()
    assert status["state"] == "failed"
    assert str(folder) in status["lastError"]
    assert failed.attributes["error"] == status["lastError"]
    host.stop()
