"""Bytes that are no message cost their sender the connection; others notice nothing.

What is a message is for tests/fuzz/wire.cc, which tries millions of them.
"""

import struct
from collections.abc import Iterator
from contextlib import closing

import bson
import pytest

from support.host import Host, Launcher
from support.wire import OP_QUERY, Wire, framed, message

PING = message({"ping": 1})
BODY = bson.encode({"ping": 1, "$db": "admin"})
NO_FLAGS = struct.pack("<I", 0)


def msg(sections: bytes, flags: int = 0) -> bytes:
    return framed(struct.pack("<I", flags) + sections)


def nested(levels: int) -> bytes:
    """A document in a document in a document."""
    innermost = bson.encode({})
    sizes = (len(innermost) + 8 * level for level in range(levels, 0, -1))
    begins = b"".join(struct.pack("<i", size) + b"\x03a\0" for size in sizes)
    return begins + innermost + bytes(levels)


NO_MESSAGES = {
    "HTTP": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "half a header": PING[:8],
    "all but the last byte": PING[:-1],
    "the largest length": framed(b"", length=2**31 - 1),
    "an operation that never was": framed(BODY, -7),
    "an unknown required flag": msg(b"\0" + BODY, flags=1 << 2),
    "two bodies": msg(b"\0" + BODY + b"\0" + BODY),
    "a document of negative size": msg(b"\0" + struct.pack("<i", -5) + BODY[4:]),
    "100000 levels": msg(b"\0" + nested(100000)),
    "OP_QUERY of another collection": framed(NO_FLAGS + b"db.c\0" + bytes(8) + BODY, OP_QUERY),
}


@pytest.fixture(scope="module")
def host(start_shared: Launcher) -> Iterator[Host]:
    host = start_shared("http://127.0.0.1:9/", environment={"DO_NOT_TRACK": "1"})
    with closing(Wire(host.port)) as bystander:
        assert bystander.ask(PING) == {"ok": 1}
        yield host
        assert bystander.ask(PING) == {"ok": 1}
    host.stop()


@pytest.mark.parametrize("data", NO_MESSAGES.values(), ids=NO_MESSAGES)
def test_no_message(host: Host, data: bytes) -> None:
    with closing(Wire(host.port)) as wire:
        assert wire.ask(PING) == {"ok": 1}
        assert wire.send_last(data) == b"", "no answer"


def test_the_deepest_nesting_that_fits_overflows_no_stack(host: Host) -> None:
    with closing(Wire(host.port)) as wire:
        assert wire.ask(msg(b"\0" + nested(2000)))["ok"] == 0


def test_a_message_that_wants_no_answer_gets_none(host: Host) -> None:
    with closing(Wire(host.port)) as wire:
        answered = wire.send_last(message({"ping": 1}, flags=1 << 1) + PING)
    assert len(answered) == struct.unpack_from("<i", answered)[0], "one answer"


def test_messages_in_pieces_and_in_a_row_are_still_messages(host: Host) -> None:
    with closing(Wire(host.port)) as wire:
        for byte in PING[:-1]:
            wire.send(bytes([byte]))
        assert wire.ask(PING[-1:]) == {"ok": 1}
        answer = wire.send_last(PING)
    with closing(Wire(host.port)) as wire:
        assert len(wire.send_last(PING * 50)) == 50 * len(answer)
