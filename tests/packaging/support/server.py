"""The life of a server: started, watched until its log says what is waited for, ended."""

import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence

DEADLINE = 30.0

OPEN = "Waiting for connections"
DECIDED = r"TELEMETRY telemetry is (on|off)"
DELIVERED = r"TELEMETRY the telemetry report is delivered"
REPORTED_BEFORE = r"TELEMETRY telemetry is on .*; this instance has reported at"
NOT_DELIVERED = r"TELEMETRY the telemetry report is not delivered yet"


def live(
    command: Sequence[str | bytes],
    environment: Mapping[str, str | bytes],
    *until: str,
    meanwhile: Callable[[str], None] = lambda log: None,
    deadline: float = DEADLINE,
) -> list[str]:
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
                if re.search(r" starting: pid \d+", text):
                    os.kill(_pid(text), signal.SIGKILL)
                process.kill()
    return text.splitlines()


def wait_until(what: Callable[[], bool]) -> None:
    """For what nothing tells."""
    end = time.monotonic() + DEADLINE
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def telemetry_lines(log: list[str]) -> list[str]:
    """What the library said, without the time."""
    return [line.split(" ", 1)[1] for line in log if " TELEMETRY " in line]


def warnings(log: list[str]) -> list[str]:
    return [line for line in log if re.match(r"\S+ [WEF] ", line)]


def off_by(switch: str) -> str:
    """The one line that the library logs when it is off."""
    return (
        f"I TELEMETRY telemetry is off (decided by {switch}); "
        "nothing is collected and nothing is sent"
    )


def _pid(text: str) -> int:
    """The server's own, as its first line tells; the process that we started may be another."""
    found = re.search(r" starting: pid (\d+)", text)
    assert found, f"the server does not say its pid:\n{text}"
    return int(found[1])


def _read(descriptor: int, patience: float) -> str:
    """What is there next; nothing at the end or when patience has run out."""
    ready, _, _ = select.select([descriptor], [], [], max(0.0, patience))
    return os.read(descriptor, 65536).decode(errors="replace") if ready else ""
