"""The wire protocol by hand: for messages that no client sends, and for exact timing."""

import errno
import socket
import struct
from collections.abc import Mapping
from typing import Any

import bson

from support.patience import PATIENCE

OP_QUERY = 2004
OP_MSG = 2013

_HEADER = struct.Struct("<iiii")  # length, request id, response to, operation


def framed(content: bytes, operation: int = OP_MSG, length: int | None = None) -> bytes:
    """A message with a header; its length may be a lie."""
    size = _HEADER.size + len(content) if length is None else length
    return _HEADER.pack(size, 1, 0, operation) + content


def message(command: Mapping[str, Any], flags: int = 0) -> bytes:
    """A command for the admin database as OP_MSG."""
    return framed(struct.pack("<IB", flags, 0) + bson.encode({**command, "$db": "admin"}))


def query(command: Mapping[str, Any]) -> bytes:
    """A command for the admin database as OP_QUERY, as drivers begin with."""
    head = struct.pack("<I", 0) + b"admin.$cmd\0" + struct.pack("<ii", 0, -1)
    return framed(head + bson.encode(command), OP_QUERY)


class Wire:
    """A connection that carries bytes."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def ask(self, data: bytes) -> dict[str, Any]:
        """Sends a message and returns the document of the answer."""
        self.send(data)
        length, _, _, operation = _HEADER.unpack(self._read(_HEADER.size))
        content = self._read(length - _HEADER.size)
        return bson.decode(content[5 if operation == OP_MSG else 20 :])

    def send_last(self, data: bytes) -> bytes:
        """Sends, says that no more will come, and returns all that is answered.

        Returns when the other side closes, which it may do before it has taken everything.
        """
        answered = b""
        try:
            self.send(data)
            self._socket.shutdown(socket.SHUT_WR)
            while chunk := self._socket.recv(65536):
                answered += chunk
        except ConnectionError:
            pass
        except OSError as error:
            if error.errno != errno.ENOTCONN:  # closed before we could say anything
                raise
        return answered

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            chunk = self._socket.recv(size - len(data))
            if not chunk:
                raise ConnectionError("closed by the other side")
            data += chunk
        return data
