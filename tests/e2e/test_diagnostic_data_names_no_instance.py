"""diagnostic.data, which is handed to support, has the section and neither ids nor report."""

import zlib
from pathlib import Path

import bson

from support.host import Host, Launcher
from support.patience import wait_until
from support.receiver import Receiver
from support.reports import identity

METADATA, SAMPLES = 0, 1


def decoded(dbpath: Path) -> bytes:
    """All documents that the files hold, uncompressed, one after another."""
    found = b""
    for path in sorted((dbpath / "diagnostic.data").glob("metrics.*")):
        for record in bson.decode_file_iter(path.open("rb")):
            if record["type"] == METADATA:
                found += bson.encode(record["doc"])
            elif record["type"] == SAMPLES:
                found += zlib.decompress(record["data"][4:])  # after their size
    return found


def is_captured(host: Host) -> bool:
    """Whether the latest sample was taken after the delivery."""
    with host.client() as client:
        data = client.admin.command("getDiagnosticData")["data"]
    section = data.get("serverStatus", {}).get("perconaTelemetry", {})
    return bool(section.get("state") == "sent")


def test_neither_ids_nor_report(start_host: Launcher, receiver: Receiver, dbpath: Path) -> None:
    host = start_host(receiver.url)
    host.wait_for("Telemetry report delivered")
    wait_until(lambda: is_captured(host), "the delivery is in a sample")
    host.stop()  # writes what is still in memory
    captured = decoded(dbpath)
    assert b"perconaTelemetry" in captured and b"serverStatus" in captured
    stored = identity(dbpath)
    for text in (stored["instanceId"], stored["reportId"], "PRODUCT_FAMILY"):
        assert text.encode() not in captured
