"""An endpoint on loopback."""

import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Accepting(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Accepts reports for as long as it lasts; gives the port."""
    with http.server.HTTPServer(("127.0.0.1", 0), _Accepting) as listener:
        if tls:
            listener.socket = tls.wrap_socket(listener.socket, server_side=True)
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield listener.server_port
        finally:
            listener.shutdown()
            thread.join()
