"""A dbpath that cannot be used gets one line that says what could, and exit code 2."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.host import Launcher, refusal
from support.receiver import Receiver
from support.servers import ReferenceHost, Server

NOBODY = 65534


def test_none_is_given(server: Server) -> None:
    line = refusal(server, [])
    assert "--dbpath is missing" in line and "existing directory" in line


def test_it_does_not_exist(server: Server, dbpath: Path) -> None:
    missing = dbpath / "missing"
    line = refusal(server, ["--dbpath", str(missing)])
    assert f"'{missing}' does not exist" in line and "create it" in line
    assert not missing.exists()


def test_it_is_no_directory(server: Server, dbpath: Path) -> None:
    file = dbpath / "file"
    file.write_text("mine")
    line = refusal(server, ["--dbpath", str(file)])
    assert f"'{file}' is not a directory" in line
    assert file.read_text() == "mine"


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user of this machine can reach, and only we can write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def test_it_must_not_be_written(server: Server, public_folder: Path) -> None:
    dbpath = public_folder / "db"
    dbpath.mkdir(mode=0o555)
    # Nothing is forbidden to root, so another user tries, who may not see our folders.
    copied = ReferenceHost(Path(shutil.copy(server.program, public_folder)))
    other = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
    line = refusal(copied, ["--dbpath", str(dbpath)], **other)
    assert str(dbpath) in line and "directory that this user can write" in line
    assert list(dbpath.iterdir()) == []


def test_another_server_uses_it(
    server: Server, start_host: Launcher, receiver: Receiver, dbpath: Path
) -> None:
    first = start_host(receiver.url)
    first.wait_for("Telemetry report delivered")
    before = {path.name: path.read_bytes() for path in dbpath.iterdir()}
    line = refusal(server, ["--dbpath", str(dbpath)])
    assert f"'{dbpath}' is in use by another server" in line and "another directory" in line
    assert {path.name: path.read_bytes() for path in dbpath.iterdir()} == before

    assert first.status()["state"] == "sent", "the first goes on"
    first.stop()
    start_host(receiver.url).wait_for("Telemetry enabled, report already delivered")
