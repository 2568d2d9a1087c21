"""strace: which calls touch the identity in a dbpath, and faults put into them."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from support.scenarios import CORRUPT, FILE, TEMPORARY
from support.traced import lines_of, need_strace

_STRACE = ("strace", "-D", "-f", "-y", "-s", "4096")
_CALL = re.compile(r"(\w+)\((.*)\) += (.*)")
_NAME = rf"{FILE}(?:\.tmp|\.corrupt)?"
# A path, or an open folder and a name in it.
_NAMES = re.compile(rf'[<"]([^<>"]*?)(?:/({_NAME}))?[>"](?:, "({_NAME})")?')


@dataclass(frozen=True, repr=False)
class Call:
    """A system call of the library's that touched the identity, and which of its name it was."""

    name: str
    when: int
    files: tuple[str, ...]  # the names in the dbpath that it was about; "" is the dbpath
    text: str
    result: str

    @property
    def syncs_folder(self) -> bool:
        return (self.name, self.files) == ("fsync", ("",))

    def __repr__(self) -> str:
        return f"{self.name} {self.when} ({' to '.join(name or 'dbpath' for name in self.files)})"


def tracing(trace: Path, dbpath: Path, *faults: str) -> list[str]:
    """A command that runs a server, with faults such as `renameat:error=EIO:when=1`.

    Only calls about the identity or the dbpath itself count and fail, in each thread for itself:
    the server's lock is not among them. The server stays our own child, the tracer is not.
    """
    need_strace()
    command = [*_STRACE, "-o", str(trace), "-e", "trace=%file,%desc"]
    for path in (dbpath, dbpath / FILE, dbpath / TEMPORARY, dbpath / CORRUPT):
        command += ["-P", str(path)]
    for fault in faults:
        command += ["-e", f"inject={fault}"]
    return command


def tracing_all(trace: Path) -> list[str]:
    """A command that runs a server, and traces what it does with files and on the network."""
    need_strace()
    return [*_STRACE, "-o", str(trace), "-e", "trace=%file,%desc,%network"]


class Trace:
    """The trace of a server that has ended."""

    def __init__(self, trace: Path, dbpath: Path, pid: int) -> None:
        self._dbpath = str(dbpath)
        self.lines = lines_of(trace, pid)
        self.end = next(line for line in reversed(self.lines) if line.startswith(f"{pid} +++"))
        self.calls = self._calls(pid)

    def _calls(self, pid: int) -> list[Call]:
        """The library's, in their order: it touches the dbpath from threads of its own only."""
        count: Counter[tuple[str, str]] = Counter()
        calls = []
        for line in self.lines:
            thread, _, text = line.partition(" ")
            found = _CALL.match(text.lstrip())
            if found is None or int(thread) == pid:
                continue
            count[thread, found[1]] += 1
            names = _NAMES.findall(found[2])
            files = [name or inside for path, name, inside in names if path == self._dbpath]
            call = Call(found[1], count[thread, found[1]], tuple(files), text, found[3])
            calls.append(call)
        return calls

    @property
    def was_killed(self) -> bool:
        return "killed by SIGKILL" in self.end

    @property
    def injected(self) -> list[Call]:
        return [call for call in self.calls if "(INJECTED)" in call.result]
