"""Each line of the log is one JSON document, with the fields and the columns of mongod 4.4."""

import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

from support.host import Host, Launcher
from support.receiver import Receiver
from support.wire import Wire, message

PING = message({"ping": 1})
COLUMNS = re.compile(
    r'{"t":{"\$date":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00"},'
    r'"s":"[IW]",  "c":"(CONTROL|NETWORK)",  "id":(\d{7}, |\d{5},   )"ctx":"[^"]+","msg":"[^"]+"'
    r'(,"attr":{.+})?}'
)


def documents(host: Host) -> list[dict[str, Any]]:
    """The log of a host that has ended; every line is as it should be."""
    assert host.log
    read = []
    for event in host.log:
        assert COLUMNS.fullmatch(event.line), event.line
        document = json.loads(event.line)
        keys = ["t", "s", "c", "id", "ctx", "msg", "attr"]
        assert list(document) == (keys if "attr" in document else keys[:-1])
        read.append(document)
    return read


def told(host: Host) -> list[tuple[int, str, str, dict[str, Any]]]:
    """Id, thread, message and attributes of each line, without what differs from run to run."""
    changing = "pid port durationMicros durationMillis destination dbPath connectionId".split()
    return [
        (
            line["id"],
            re.sub("(?<=^conn)[0-9]+", "N", line["ctx"]),
            line["msg"],
            {name: value for name, value in line.get("attr", {}).items() if name not in changing},
        )
        for line in documents(host)
    ]


def test_start_delivery_opt_out_a_client_and_the_end(
    start_host: Launcher, receiver: Receiver
) -> None:
    host = start_host(receiver.url)
    host.wait_for("Telemetry report delivered")
    with closing(Wire(host.port)) as wire:
        wire.send_last(PING[:-1])
    host.wait_for("Error receiving request from client. Ending connection from remote")
    host.set_telemetry(False)
    host.stop()

    lines = told(host)
    main, worker, first, last = "telemetry-host", "PsmdbTelemetry", lines[0], lines[-4:]
    assert first == (4615611, main, "MongoDB starting", {})
    assert sorted(lines[1:-4]) == sorted(
        [
            (29900, main, "Telemetry start returned", {}),
            (23016, main, "Waiting for connections", {}),
            (29800, worker, "Telemetry enabled", {"decidedBy": "default"}),
            (29803, worker, "Telemetry report delivered", {"attempts": 1}),
            (
                22988,
                "connN",
                "Error receiving request from client. Ending connection from remote",
                {"error": "a message broke off"},
            ),
        ]
    )
    assert last == [
        (29801, "connN", "Telemetry disabled", {"decidedBy": "perconaTelemetry"}),
        (23377, main, "Received signal", {"signal": 15, "error": "Terminated"}),
        (29901, main, "Telemetry stop returned", {"threadsEnded": True}),
        (23138, main, "Shutting down", {"exitCode": 0}),
    ]


def test_text_of_any_kind_is_escaped(start_host: Launcher, tmp_path: Path) -> None:
    # A quote, a backslash, control characters, a letter, and bytes that are not UTF-8: a stray one,
    # half a character, one in too many bytes, half of a pair.
    name = b'a"b\\c\n\x01\x7f\xc3\xa9\xff\xe2\x82,\xc0\xaf\xed\xa0\x80'
    dbpath = Path(f"{tmp_path}/{name.decode(errors='surrogateescape')}")
    dbpath.mkdir()
    host = start_host(None, dbpath=dbpath, environment={"DO_NOT_TRACK": "1"})
    host.stop()
    (starting, *_) = documents(host)
    shown = "a\"b\\c\n\x01\x7fé\ufffd\ufffd\ufffd,\ufffd\ufffd\ufffd\ufffd\ufffd"
    assert starting["attr"]["dbPath"] == f"{tmp_path}/{shown}"
