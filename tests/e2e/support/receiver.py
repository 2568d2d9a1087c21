"""An endpoint on loopback that keeps what it gets, and answers it or never does."""

import queue
import socket
import socketserver
import ssl
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from support import reports
from support.patience import PATIENCE

Item = TypeVar("Item")

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Request:
    """One whole request, byte for byte."""

    head: bytes
    body: bytes

    @property
    def line(self) -> str:
        return self.head.decode().split("\r\n", 1)[0]

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Name, in lower case, and value of each header, in their order."""
        lines = self.head.decode().removesuffix("\r\n\r\n").split("\r\n")[1:]
        pairs = (line.split(": ", 1) for line in lines)
        return [(name.lower(), value) for name, value in pairs]

    @property
    def report(self) -> dict[str, Any]:
        return reports.checked(self.body)


class Connection:
    """One connection that was accepted: what came on it, and when the other side closed it."""

    def __init__(self, accepted: socket.socket) -> None:
        self.socket = accepted
        self.received = b""
        self._closed_at: Future[float] = Future()

    def wait_until_closed(self) -> float:
        """When the other side closed it, on the clock of time.monotonic()."""
        return self._closed_at.result(PATIENCE)

    def read(self) -> bool:
        """Takes in what comes next; false if there is no more."""
        try:
            chunk = self.socket.recv(65536)
        except OSError:
            chunk = b""
        self.received += chunk
        if not chunk:
            self._closed_at.set_result(time.monotonic())
        return bool(chunk)

    def send_until_closed(self) -> None:
        """A little at a time, until the other side closes it."""
        with suppress(OSError):
            while True:
                self.socket.sendall(b"x" * 1024)
                time.sleep(0.01)
        self._closed_at.set_result(time.monotonic())

    def request(self) -> Request | None:
        """What was received, if it is a whole request."""
        head, end, body = self.received.partition(b"\r\n\r\n")
        found = Request(head + end, body)
        length = dict(found.headers).get("content-length") if end else None
        return found if length is not None and len(body) >= int(length) else None


def _next(waiting: queue.Queue[Item], what: str) -> Item:
    try:
        return waiting.get(timeout=PATIENCE)
    except queue.Empty:
        raise AssertionError(f"no {what} came") from None


class Receiver(socketserver.ThreadingTCPServer):
    """Listens until it is closed. Without an `answer` it reads, and never says a word."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(
        self,
        answer: bytes | None = OK,
        tls: ssl.SSLContext | None = None,
        *,
        address: str = "127.0.0.1",
        is_endless: bool = False,  # whether more and more follows the answer
    ) -> None:
        self._answer = answer
        self._tls = tls
        self._address = address
        self._is_endless = is_endless
        self._connections: queue.Queue[Connection] = queue.Queue()
        self._requests: queue.Queue[Request] = queue.Queue()
        self._peers: list[int] = []  # their ports
        self._accepted = threading.Condition()
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        super().__init__((address, 0), socketserver.BaseRequestHandler)
        self.port: int = self.server_address[1]
        named = f"[{address}]" if ":" in address else address
        self.url = f"{'https' if tls else 'http'}://{named}:{self.port}/v1/telemetry"
        threading.Thread(target=self.serve_forever, args=[0.02], daemon=True).start()

    def next_connection(self) -> Connection:
        """The next connection on which something has come."""
        return _next(self._connections, "connection")

    def next_request(self) -> Request:
        """The next whole request; its report is as documented."""
        request = _next(self._requests, "request")
        reports.checked(request.body)
        return request

    def requests(self) -> list[Request]:
        """The whole requests until now that nobody took."""
        return list(self._requests.queue)

    def connection_count(self) -> int:
        """How many connections were made until now, also those on which nothing came."""
        # Connections are accepted in their order: when this one was, all earlier ones were.
        with socket.create_connection((self._address, self.port), PATIENCE) as mine:
            port = mine.getsockname()[1]
            with self._accepted:
                assert self._accepted.wait_for(lambda: port in self._peers, PATIENCE)
                self._peers.remove(port)
                return len(self._peers)

    def close(self) -> None:
        """Ends it. Reports that nobody asked for are as documented, too."""
        self.shutdown()
        self.server_close()
        while not self._requests.empty():
            reports.checked(self._requests.get().body)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Takes note of each connection, in their order."""
        with self._accepted:
            self._peers.append(client_address[1])
            self._accepted.notify_all()
        return True

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Attends to a connection, in a thread of its own."""
        with suppress(OSError):  # the other side may not trust us
            if self._tls:
                request = self._tls.wrap_socket(request, server_side=True)
            with request:
                self._attend(Connection(request))

    def _attend(self, connection: Connection) -> None:
        announced = False
        while connection.read():
            if not announced:
                self._connections.put(connection)
                announced = True
            request = connection.request()
            if request is not None:
                self._requests.put(request)
                if self._answer is not None:
                    connection.socket.sendall(self._answer)
                    if self._is_endless:
                        connection.send_until_closed()
                    return
