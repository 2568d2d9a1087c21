"""An endpoint on loopback, http or https, on a thread of this process: what it takes to serve is in
no figure."""

import asyncio
import ssl
import threading
from pathlib import Path

import trustme

OK = "200 OK\r\n"
COME_BACK_IN_AN_HOUR = "503 Service Unavailable\r\nRetry-After: 3600\r\n"
PATIENCE = 30


class Endpoint:
    """Gives each request the same answer, and keeps the bodies."""

    def __init__(self, tls: ssl.SSLContext | None = None, answer: str = OK) -> None:
        self.bodies: list[str] = []
        self._tls = tls
        self._answer = f"HTTP/1.1 {answer}content-length: 0\r\nconnection: close\r\n\r\n".encode()
        self._loop = asyncio.new_event_loop()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._serve()])

    def __enter__(self) -> "Endpoint":
        self._thread.start()
        assert self._listening.wait(PATIENCE), "the endpoint does not listen"
        scheme = "https" if self._tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._port}/v1/telemetry/GenericReport"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._end = asyncio.Event()
        listener = await asyncio.start_server(
            self._answer_one, "127.0.0.1", 0, ssl=self._tls, backlog=4096
        )
        self._port = listener.sockets[0].getsockname()[1]
        self._listening.set()
        await self._end.wait()
        listener.close()

    async def _answer_one(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.split("content-length:")[1].split()[0])
            self.bodies.append((await reader.readexactly(length)).decode(errors="replace"))
            writer.write(self._answer)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the peer has gone


class Authority:
    """A CA made for this run, and where a program finds its certificate."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.endpoint = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(self.endpoint)
        self.alone = folder / "ca.pem"
        authority.cert_pem.write_to_path(self.alone)
        # As it is on a real host: one certificate among all those that a system trusts.
        self.among_the_systems = folder / "bundle.pem"
        system = ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
        self.among_the_systems.write_bytes(Path(system).read_bytes() + self.alone.read_bytes())
