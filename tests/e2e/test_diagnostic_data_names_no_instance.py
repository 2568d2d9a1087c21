"""diagnostic.data, which is handed to support, has the section and neither ids nor report."""

import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import bson

from support.host import Launcher
from support.patience import PATIENCE, wait_until
from support.receiver import Receiver
from support.reports import identity

METADATA, CHUNK = 0, 1
PER_CHUNK = 10  # samples; of their texts a chunk has those of the first
SAMPLES = 120  # as many as two minutes take


def records(dbpath: Path) -> Iterator[dict[str, Any]]:
    """What is in the files, up to what is being written just now."""
    for path in sorted((dbpath / "diagnostic.data").glob("metrics.*")):
        with path.open("rb") as file, suppress(bson.errors.InvalidBSON):
            yield from bson.decode_file_iter(file)


def uncompressed(record: dict[str, Any]) -> bytes:
    if record["type"] == METADATA:
        return bson.encode(record["doc"])
    return zlib.decompress(record["data"][4:])  # after their size


def test_neither_ids_nor_report_after_as_many_samples_as_two_minutes_take(
    start_host: Launcher, receiver: Receiver, dbpath: Path
) -> None:
    quick = {
        "diagnosticDataCollectionPeriodMillis": "100",
        "diagnosticDataCollectionSamplesPerChunk": str(PER_CHUNK),
    }
    host = start_host(receiver.url, parameters=quick)
    host.wait_for("Telemetry report delivered")

    def has_enough() -> bool:
        chunks = [record for record in records(dbpath) if record["type"] == CHUNK]
        return len(chunks) > SAMPLES / PER_CHUNK

    wait_until(has_enough, f"{SAMPLES} samples are written", 2 * PATIENCE)
    host.stop()  # writes what is still in memory
    captured = b"".join(uncompressed(record) for record in records(dbpath))
    assert captured.count(b"\x03perconaTelemetry\0") > SAMPLES / PER_CHUNK
    assert b"\x02state\0\x05\0\0\0sent\0" in captured
    stored = identity(dbpath)
    for text in (stored["instanceId"], stored["reportId"], "PRODUCT_FAMILY"):
        assert text.encode() not in captured
