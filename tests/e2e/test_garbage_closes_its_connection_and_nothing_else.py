"""Bytes that are no message cost their sender the connection; others notice nothing."""

import random
import struct
from collections.abc import Iterator
from contextlib import closing

import bson
import pytest

from support.host import Host, Launcher
from support.wire import OP_QUERY, Wire, framed, message

PING = message({"ping": 1})
STATUS = message({"getParameter": 1, "perconaTelemetryStatus": 1})
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


def crc32c(data: bytes) -> int:
    """The checksum of OP_MSG, bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283, "as its definition says"

NO_MESSAGES = {
    "HTTP": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "TLS": bytes.fromhex("16030100c8010000c40303") + bytes(32),
    "zeros": bytes(4096),
    "ones": b"\xff" * 4096,
    "a single byte": b"\x10",
    "half a header": PING[:8],
    "a header alone": PING[:16],
    "all but the last byte": PING[:-1],
    "a length of 0": framed(b"", length=0),
    "a length below a header's": framed(b"", length=15),
    "a length of a header": framed(b"", length=16),
    "a negative length": framed(b"", length=-1),
    "the most negative length": framed(b"", length=-(2**31)),
    "the largest length": framed(b"", length=2**31 - 1),
    "the protocol's largest length": framed(b"", length=48000000),
    "a length beyond what comes": framed(NO_FLAGS + b"\0" + BODY, length=4096),
    "operation 0": framed(BODY, 0),
    "OP_REPLY": framed(BODY, 1),
    "OP_COMPRESSED": framed(BODY, 2012),
    "an operation that never was": framed(BODY, -7),
    "an unknown required flag": msg(b"\0" + BODY, flags=1 << 2),
    "a wrong checksum": msg(b"\0" + BODY + b"\1\2\3\4", flags=1),
    "no section": msg(b""),
    "an unknown section": msg(b"\x07" + BODY),
    "two bodies": msg(b"\0" + BODY + b"\0" + BODY),
    "a sequence that is too short": msg(b"\1" + struct.pack("<i", 3)),
    "a sequence of negative size": msg(b"\1" + struct.pack("<i", -5) + b"documents\0"),
    "a document of negative size": msg(b"\0" + struct.pack("<i", -5) + BODY[4:]),
    "a document that is too long": msg(b"\0" + struct.pack("<i", 2**31 - 1) + BODY[4:]),
    "a document of no size": msg(b"\0" + bytes(4)),
    "a document without its end": msg(b"\0" + BODY[:-1] + b"\1"),
    "a type that is none": msg(b"\0" + BODY.replace(b"\x10ping", b"\x55ping")),
    "a name that does not end": msg(b"\0" + BODY.replace(b"\0", b"a")),
    "text that is not UTF-8": msg(b"\0" + BODY.replace(b"admin", b"\xff\xfe\xfdab")),
    "100000 levels": msg(b"\0" + nested(100000)),
    "OP_QUERY of another collection": framed(NO_FLAGS + b"db.c\0" + bytes(8) + BODY, OP_QUERY),
    "OP_QUERY without end": framed(NO_FLAGS + b"admin.$cmd", OP_QUERY),
}


@pytest.fixture
def host(start_host: Launcher) -> Iterator[Host]:
    host = start_host("http://127.0.0.1:9/", environment={"DO_NOT_TRACK": "1"})
    with closing(Wire(host.port)) as bystander:
        assert bystander.ask(PING) == {"ok": 1}
        yield host
        assert bystander.ask(STATUS)["ok"] == 1, "on a connection that was there before"
        with host.client() as client:
            assert client.admin.command("ping") == {"ok": 1}
    host.stop()


@pytest.mark.parametrize("data", NO_MESSAGES.values(), ids=NO_MESSAGES)
def test_no_message(host: Host, data: bytes) -> None:
    with closing(Wire(host.port)) as wire:
        assert wire.send_last(data) == b"", "no answer"


@pytest.mark.parametrize("data", NO_MESSAGES.values(), ids=NO_MESSAGES)
def test_no_message_after_one(host: Host, data: bytes) -> None:
    with closing(Wire(host.port)) as wire:
        assert wire.ask(PING) == {"ok": 1}
        assert wire.send_last(data) == b"", "no answer"


def test_thousands_of_messages_with_something_wrong_in_them(host: Host) -> None:
    chance = random.Random(20231101)
    for _ in range(3000):
        data = bytearray(chance.choice((PING, STATUS)))
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(data))
            change = chance.randrange(3)
            if change == 0:
                data[place] = chance.randrange(256)
            elif change == 1:
                data[place] ^= 1 << chance.randrange(8)
            elif len(data) > 1:
                del data[place : place + chance.randint(1, 8)]
        with closing(Wire(host.port)) as wire:
            wire.send_last(bytes(data))


def test_a_right_checksum_is_no_garbage(host: Host) -> None:
    content = struct.pack("<I", 1) + b"\0" + BODY
    unchecked = framed(content, length=16 + len(content) + 4)
    with closing(Wire(host.port)) as wire:
        assert wire.ask(unchecked + struct.pack("<I", crc32c(unchecked))) == {"ok": 1}


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
