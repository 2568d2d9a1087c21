"""The life of a server: started, watched until its log says what is waited for, ended."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .host import Host
from .shells import PATH

DELIVERED = "Telemetry report delivered"
DISABLED = "Telemetry disabled"
NOT_DELIVERED = "Telemetry report delivery failed, will retry"
FAILED = "Telemetry failed"

_READY = ("Waiting for connections", "Waiting for signals only, --port not given")


def live(
    command: Sequence[str | bytes],
    environment: Mapping[str, str | bytes],
    *until: str,
    meanwhile: Callable[[Host], object] = lambda host: None,
) -> Host:
    """Runs a server until it is ready and its log has one of these messages, does something
    meanwhile, then stops it. The command may be one that becomes the server."""
    host = Host(command, {"PATH": PATH, **environment})
    try:
        host.wait_for(*_READY)
        host.wait_for(*until)
        meanwhile(host)
        host.stop()
    finally:
        host.kill()
    return host


def said(host: Host) -> list[tuple[str, dict[str, Any]]]:
    """Message and attributes of what the library logged."""
    return [(event.message, event.attributes) for event in host.telemetrys()]


def off_by(switch: str) -> list[tuple[str, dict[str, Any]]]:
    """All that the library says when it is off."""
    return [(DISABLED, {"decidedBy": switch})]
