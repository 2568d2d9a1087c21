"""A CA that nobody knows but those who are told, and endpoints' certificates by it."""

import ssl
from pathlib import Path
from typing import Any

import trustme

from support import mounts
from support.servers import Server

# Where libcurl finds the CAs that it trusts, by system.
_STORES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")


class Authority:
    """A new CA."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self._file = folder / "ca.pem"
        self._ca.cert_pem.write_to_path(self._file)

    def endpoint(self, name: str = "127.0.0.1") -> ssl.SSLContext:
        """What an endpoint of that name or address needs to serve https."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(name).configure_cert(context)
        return context

    def trusted_by(self, server: Server) -> dict[str, Any]:
        """How a server is started so that it trusts this CA: arguments of Launcher."""
        if server.has_built_in_client:
            return {"environment": {"SSL_CERT_FILE": str(self._file)}}
        store = next(path for path in _STORES if Path(path).exists())
        return {"within": mounts.within(f"mount --bind {self._file} {store}")}
