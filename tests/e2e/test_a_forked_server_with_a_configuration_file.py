"""mongod.conf with parameters, forked, a log file that is rotated while an attempt hangs."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
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


def events(log: Path, number: int) -> list[dict[str, Any]]:
    *lines, _ = log.read_text().split("\n")  # the last may not be whole
    return [event for event in map(json.loads, lines) if event["id"] == number]


def wait_for(log: Path, number: int) -> dict[str, Any]:
    wait_until(lambda: bool(events(log, number)), f"the event {number} is logged")
    return events(log, number)[0]


@pytest.fixture
def process(
    server: Server, tmp_path: Path, dbpath: Path, silent_receiver: Receiver
) -> Iterator[Path]:
    """The folder in /proc of a server that has forked; what it writes is in tmp_path."""
    conf = tmp_path / "mongod.conf"
    conf.write_text(CONF.format(folder=tmp_path, dbpath=dbpath, url=silent_receiver.url))
    command = [str(server.program), "--config", str(conf)]
    subprocess.run(command, check=True, timeout=PATIENCE, env=LONG_ATTEMPTS, capture_output=True)
    pid = int((tmp_path / "pid").read_text())
    process = Path(f"/proc/{pid}")
    yield process
    if process.exists():
        os.kill(pid, signal.SIGKILL)


def test_a_report_and_a_log_that_is_rotated_and_a_shutdown(
    server: Server, process: Path, silent_receiver: Receiver, tmp_path: Path, dbpath: Path
) -> None:
    log = tmp_path / "log"
    port = wait_for(log, 23016)["attr"]["port"]
    report = silent_receiver.next_request().report
    assert report["instanceId"] == identity(dbpath)["instanceId"]
    client: pymongo.MongoClient[dict[str, Any]]
    with pymongo.MongoClient("127.0.0.1", port, directConnection=True) as client:
        answer = client.admin.command("getParameter", 1, perconaTelemetryUrl=1)
        assert answer["perconaTelemetryUrl"] == silent_receiver.url
        assert wait_for(log, 29800)["ctx"] == "PsmdbTelemetry"
        assert client.admin.command("logRotate")["ok"] == 1
        assert client.admin.command("setParameter", 1, perconaTelemetry=False)["was"] is True
        wait_for(log, 29801)
        (rotated,) = tmp_path.glob("log.*")
        assert events(rotated, 29800) and not events(rotated, 29801)

        begin = time.monotonic()
        with pytest.raises(pymongo.errors.AutoReconnect):
            client.admin.command("shutdown")
    wait_until(lambda: not process.exists(), "the server has ended")
    assert time.monotonic() - begin < server.ends_within
