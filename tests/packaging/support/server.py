"""The life of a server: started, watched until its log says what is waited for, ended."""

import json
import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

DEADLINE = 30.0

# Events of the log, which has one JSON document a line.
OPEN = r'"msg":"Waiting for (connections|signals only, --port not given)"'
DISABLED = r'"msg":"Telemetry disabled"'
DECIDED = r'"msg":"Telemetry (enabled|disabled)'
DELIVERED = r'"msg":"Telemetry report delivered"'
REPORTED_BEFORE = r'"msg":"Telemetry enabled, report already delivered"'
NOT_DELIVERED = r'"msg":"Telemetry report delivery failed, will retry"'
FAILED = r'"msg":"Telemetry failed"'

STARTING = r'"msg":"MongoDB starting","attr":{"pid":(\d+)'

Event = dict[str, Any]


def live(
    command: Sequence[str | bytes],
    environment: Mapping[str, str | bytes],
    *until: str,
    meanwhile: Callable[[str], None] = lambda log: None,
    deadline: float = DEADLINE,
) -> list[Event]:
    """Runs a server until its log has a line for each of these patterns, does something
    meanwhile, then stops it with SIGTERM; gives its whole log. The command may be one that
    starts the server."""
    with subprocess.Popen(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        end = time.monotonic() + deadline
        text = ""
        try:
            while not all(re.search(pattern, text) for pattern in until):
                more = _read(process.stdout.fileno(), end - time.monotonic())
                assert more, f"waited in vain for {until}; the log is:\n{text}"
                text += more
            meanwhile(text)
            os.kill(_pid(text), signal.SIGTERM)
            while more := _read(process.stdout.fileno(), end - time.monotonic()):
                text += more
            assert process.wait(max(0.1, end - time.monotonic())) == 0, text
        finally:
            if process.poll() is None:
                if re.search(STARTING, text):
                    os.kill(_pid(text), signal.SIGKILL)
                process.kill()
    return [json.loads(line) for line in text.splitlines()]


def wait_until(what: Callable[[], bool]) -> None:
    """For what nothing tells."""
    end = time.monotonic() + DEADLINE
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def telemetrys(log: list[Event]) -> list[tuple[str, Event]]:
    """Message and attributes of what the library logged."""
    return [(event["msg"], event.get("attr", {})) for event in log if 29800 <= event["id"] < 29830]


def warnings(log: list[Event]) -> list[Event]:
    return [event for event in log if event["s"] != "I"]


def off_by(switch: str) -> tuple[str, Event]:
    """The one event that the library logs when it is off."""
    return "Telemetry disabled", {"decidedBy": switch}


def _pid(text: str) -> int:
    """The server's own, as its first line tells; the process that we started may be another."""
    found = re.search(STARTING, text)
    assert found, f"the server does not say its pid:\n{text}"
    return int(found[1])


def _read(descriptor: int, patience: float) -> str:
    """What is there next; nothing at the end or when patience has run out."""
    ready, _, _ = select.select([descriptor], [], [], max(0.0, patience))
    return os.read(descriptor, 65536).decode(errors="replace") if ready else ""
