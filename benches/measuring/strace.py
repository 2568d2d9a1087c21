"""The system calls of one start, by thread."""

import re
from dataclasses import dataclass
from pathlib import Path

from .instance import Start
from .needs import need_strace

# Whether and how often a thread has to wait for another is the scheduler's to say.
UNPREDICTABLE = {"futex", "sched_yield", "restart_syscall", "rt_sigreturn"}

CALLER = "caller"


@dataclass(frozen=True)
class Call:
    thread: str
    name: str
    words: str  # arguments and result

    @property
    def path(self) -> str | None:
        """The first file that it names."""
        found = re.match(r'(?:AT_FDCWD, )?"(/[^"]*)"', self.words)
        return found[1] if found else None


def traced(start: Start, folder: Path) -> list[Call]:
    """The calls of the server's thread from making a Telemetry until start() returns, and all of
    the library's threads."""
    need_strace()
    prefix = folder / "trace"
    for old in folder.glob("trace.*"):
        old.unlink()
    start.run("strace", "-ff", "-s", "64", "-o", str(prefix))
    threads = list(folder.glob("trace.*"))
    (main,) = (file for file in threads if "/mark/begin" in file.read_text(errors="replace"))
    threads.remove(main)
    callers = _read(main, CALLER)
    marks = {call.path: i for i, call in enumerate(callers) if call.name == "access"}
    begin, started = marks["/mark/begin"], marks["/mark/started"]
    calls = callers[begin + 1 : started]
    for file in threads:
        calls += _read(file, _thread_name(file))
    return calls


def countable(calls: list[Call]) -> list[Call]:
    """Those that are the same in each run."""
    return [call for call in calls if call.name not in UNPREDICTABLE]


def _read(file: Path, thread: str) -> list[Call]:
    lines = file.read_text(errors="replace").splitlines()
    found = (re.match(r"(\w+)\((.*)", line) for line in lines)
    return [Call(thread, f[1], f[2]) for f in found if f]


def _thread_name(file: Path) -> str:
    """As the thread calls itself, at its beginning."""
    found = re.search(r'PR_SET_NAME, "([^"]+)"', file.read_text(errors="replace"))
    return found[1] if found else file.name
