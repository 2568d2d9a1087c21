"""What a figure needs of the machine. Where that is missing, the reason stands in place of the
figure."""

import functools
import subprocess

HOST_FILE = "/etc/percona/telemetry-disable"


class Missing(Exception):
    """The words say what."""


@functools.cache
def _refusal(*command: str) -> str | None:
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        return str(error)
    return None if run.returncode == 0 else run.stderr.strip() or "no reason was given"


def need(*command: str) -> None:
    """This command must work here."""
    refusal = _refusal(*command)
    if refusal:
        raise Missing(f"{command[0]} does not work here: {refusal.splitlines()[-1]}")


def need_strace() -> None:
    need("strace", "-o", "/dev/null", "true")


def need_callgrind() -> None:
    need("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "true")
