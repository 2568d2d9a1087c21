"""A server under strace: what it asks of the kernel from its start to its end."""

import functools
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from support.needs import leave_out
from support.patience import wait_until

_CALLS = "connect,sendto,sendmsg,openat,open,creat,rename,renameat,renameat2,unlink,unlinkat,prctl"
# Connections to anywhere, threads of the library, and its files.
_MARKS = re.compile(r'connect\(.*sa_family=AF_INET|PR_SET_NAME, "PsmdbTel|telemetry_uuid')


@functools.cache
def reason_against() -> str | None:
    """Why nothing can be traced here, if it cannot."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run(
        ["strace", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False
    )
    return None if tried.returncode == 0 else f"processes cannot be traced: {tried.stderr.strip()}"


def need_strace() -> None:
    reason = reason_against()
    if reason is not None:
        leave_out(reason)


def lines_of(trace: Path, pid: int) -> list[str]:
    """The trace of a server that has ended: each call on one line, at the place where it ended."""
    lines: list[str] = []

    def is_whole() -> bool:  # the tracer ends after the server
        lines[:] = trace.read_text(errors="replace").splitlines() if trace.exists() else []
        return any(re.match(rf"{pid} +\+\+\+ ", line) for line in lines)

    wait_until(is_whole, "the server's end is in the trace")
    begun: dict[str, str] = {}
    whole = []
    for line in lines:
        thread, text = line.split(maxsplit=1)
        if text.endswith("<unfinished ...>"):
            begun[thread] = text.removesuffix("<unfinished ...>").rstrip()
        elif resumed := re.match(r"<\.\.\. \w+ resumed>(.*)", text):
            whole.append(f"{thread} {begun.pop(thread)}{resumed[1]}")
        else:
            whole.append(f"{thread} {text}")
    return whole + [f"{thread} {text} = ?" for thread, text in begun.items()]


class Trace:
    """What a server does that is started within this, if it can be traced here."""

    def __init__(self, file: Path) -> None:
        self._file = file
        command = ["strace", "-D", "-f", "--seccomp-bpf", "-e", f"trace={_CALLS}"]
        self.within: Sequence[str] = [] if reason_against() else [*command, "-o", str(file)]

    def of_telemetry(self, pid: int) -> list[str]:
        """The calls of telemetry in a server that has ended."""
        if not self.within:
            return []
        return [line for line in lines_of(self._file, pid) if _MARKS.search(line)]
