"""A server under strace: what it asks of the kernel from its start to its end."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

CALLS = "connect,sendto,sendmsg,openat,open,creat,rename,renameat,renameat2,unlink,unlinkat,prctl"


def reason_against() -> str | None:
    """Why nothing can be traced here, if it cannot."""
    if shutil.which("strace") is None:
        return "strace is not there"
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return None if tried.returncode == 0 else f"strace cannot trace: {tried.stderr.decode()}"


def within(trace: Path) -> Sequence[str]:
    """A command that runs another, and writes what it does into a file."""
    return ["strace", "-D", "-f", "-qq", "--seccomp-bpf", "-e", f"trace={CALLS}", "-o", str(trace)]


def of_telemetry(trace: Path) -> list[str]:
    """Connections to anywhere, threads of the library, and its files."""
    marks = re.compile(r'connect\(.*sa_family=AF_INET|PR_SET_NAME, "PsmdbTel|telemetry_uuid')
    return [line for line in trace.read_text().splitlines() if marks.search(line)]
