"""A CA that nobody knows but those who are told, and an endpoint's certificate by it."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Tls:
    """What an endpoint needs to serve https, and what a host needs to trust it."""

    endpoint: ssl.SSLContext
    trusting: Mapping[str, str]


def made_for_loopback(folder: Path) -> Tls:
    """Makes a CA, and a certificate for 127.0.0.1; the CA's own goes into the folder."""
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    path = folder / "ca.pem"
    ca.cert_pem.write_to_path(path)
    return Tls(context, {"SSL_CERT_FILE": str(path)})
