"""mongod.conf with parameters, forked, a log file that is rotated while an attempt hangs."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pymongo
import pymongo.errors
import pytest

from support.host import LONG_ATTEMPTS
from support.patience import PATIENCE, wait_until
from support.receiver import Receiver
from support.reports import identity
from support.servers import Server

CONF = """
processManagement: {{fork: true, pidFilePath: {folder}/pid}}
systemLog: {{destination: file, path: {folder}/log, logAppend: true}}
net: {{port: 0, bindIp: 127.0.0.1, unixDomainSocket: {{enabled: false}}}}
storage: {{dbPath: {dbpath}, wiredTiger: {{engineConfig: {{cacheSizeGB: 0.25}}}}}}
setParameter: {{perconaTelemetryUrl: "{url}"}}
"""


class Forked:
    """A server that has forked, and its log file."""

    def __init__(self, server: Server, folder: Path, dbpath: Path, url: str) -> None:
        conf = folder / "mongod.conf"
        conf.write_text(CONF.format(folder=folder, dbpath=dbpath, url=url))
        self.folder = folder
        subprocess.run(
            [server.program, "--config", conf],
            check=True,
            timeout=PATIENCE,
            env=LONG_ATTEMPTS,
            capture_output=True,
        )
        self._pid = int((folder / "pid").read_text())
        waiting = self.wait_for(23016)
        self.client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(
            "127.0.0.1", waiting["attr"]["port"], directConnection=True
        )

    def events(self, number: int, file: str = "log") -> list[dict[str, Any]]:
        *lines, _ = (self.folder / file).read_text().split("\n")  # the last may not be whole
        return [event for event in map(json.loads, lines) if event["id"] == number]

    def wait_for(self, number: int) -> dict[str, Any]:
        wait_until(lambda: bool(self.events(number)), f"the event {number} is logged")
        return self.events(number)[0]

    def stop(self) -> float:
        """Ends it by the command, and returns how long that took."""
        begin = time.monotonic()
        with pytest.raises(pymongo.errors.AutoReconnect):
            self.client.admin.command("shutdown")
        wait_until(lambda: not Path(f"/proc/{self._pid}").exists(), "the server has ended")
        return time.monotonic() - begin

    def close(self) -> None:
        if Path(f"/proc/{self._pid}").exists():
            self.stop()
        self.client.close()


@pytest.fixture
def delivering(
    server: Server, tmp_path: Path, dbpath: Path, receiver: Receiver
) -> Iterator[Forked]:
    with closing(Forked(server, tmp_path, dbpath, receiver.url)) as forked:
        yield forked


@pytest.fixture
def hanging(
    server: Server, tmp_path: Path, dbpath: Path, silent_receiver: Receiver
) -> Iterator[Forked]:
    with closing(Forked(server, tmp_path, dbpath, silent_receiver.url)) as forked:
        yield forked


def test_one_report_and_the_parameters_of_the_file(
    delivering: Forked, receiver: Receiver, dbpath: Path
) -> None:
    request = receiver.next_request()
    assert delivering.wait_for(29803)["ctx"] == "PsmdbTelemetry"
    answer = delivering.client.admin.command("getParameter", 1, perconaTelemetryUrl=1)
    assert answer["perconaTelemetryUrl"] == receiver.url
    delivering.stop()
    assert request.report["instanceId"] == identity(dbpath)["instanceId"]
    assert receiver.connection_count() == 1


def test_rotated_and_shut_down_while_an_attempt_hangs(
    server: Server, hanging: Forked, silent_receiver: Receiver
) -> None:
    silent_receiver.next_request()
    assert hanging.client.admin.command("logRotate")["ok"] == 1
    assert hanging.client.admin.command("setParameter", 1, perconaTelemetry=False)["was"] is True
    hanging.wait_for(29801)
    (rotated,) = (path.name for path in hanging.folder.glob("log.*"))
    assert hanging.events(29800, rotated) and not hanging.events(29801, rotated)
    assert hanging.stop() < server.ends_within
