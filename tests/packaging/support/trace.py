"""What a server in a jail asks of the kernel about files, the network and threads, by strace."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from .jail import PROGRAM
from .traced import lines_of, need_strace

_THREADS = {"clone", "clone3", "fork", "vfork"}
_NETWORK = {"socket", "socketpair", "connect", "sendto", "sendmsg", "sendmmsg"}
# Ways around the calls that are looked into.
_DETOURS = {"io_uring_setup", "io_uring_enter", "open_by_handle_at", "memfd_create"}
_OPENS = {"open", "openat", "openat2", "creat"}
_LOOKS = {
    *("access", "faccessat", "faccessat2", "stat", "lstat", "newfstatat", "statx", "statfs"),
    *("readlink", "readlinkat", "getxattr", "lgetxattr", "execve", "getcwd"),
}

# A name in a call, and before it the folder that it is in, if it is in one.
_NAMES = re.compile(r'(?:\b\w+<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')
_WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|O_TMPFILE")
_OF_THE_LOADER = re.compile(r"(/usr)?/lib(64)?(/(?!os-release)|$)|/etc/ld\.so\.")


def tracing(trace: Path, *options: str) -> list[str]:
    """A command that runs a server and leaves a trace of it."""
    need_strace()
    calls = ",".join(["%file", *_THREADS, *_NETWORK, *_DETOURS])
    return ["strace", "-D", "-f", "-y", "-s", "512", "-o", str(trace), "-e", f"trace={calls}", *options]


@dataclass(frozen=True)
class _Call:
    name: str
    text: str

    @property
    def paths(self) -> list[str]:
        return [os.path.join(folder, name) for folder, name in _NAMES.findall(self.text) if name]

    @property
    def is_look(self) -> bool:
        """Whether it only asks what is there."""
        return self.name in _LOOKS or "O_PATH" in self.text


class Trace:
    """The server's calls, from its own first one on, its loader's included."""

    def __init__(self, trace: Path, root: Path, pid: int) -> None:
        lines = [line.replace(str(root), "") for line in lines_of(trace, pid)]
        begin = max(i for i, line in enumerate(lines) if f' execve("{PROGRAM}"' in line)
        found = (re.match(r"\d+ (\w+)\((.*)", line) for line in lines[begin + 1 :])
        self._calls = [_Call(*call.groups()) for call in found if call]
        assert not self._named(_DETOURS), "a call that this module does not look into"
        others = [call for call in self._calls if call.name not in _THREADS | _NETWORK]
        looks = [call for call in others if call.is_look]
        opens = [call for call in others if call.name in _OPENS and not call.is_look]
        reads = [call for call in opens if call.name != "creat" and not _WRITING.search(call.text)]
        changes = [call for call in others if call not in [*looks, *reads]]
        # What was opened for reading, found or not.
        self.read = _without_libraries(reads)
        # What was opened for writing, made, renamed, removed or changed.
        self.written = {path for call in changes for path in call.paths}
        # What was asked about without opening it.
        self.looked_for = _without_libraries(looks)
        # How many threads or processes were started.
        self.threads = len(self._named(_THREADS))
        # The family of each socket.
        sockets = self._named({"socket", "socketpair"})
        self.sockets = [call.text.split(",")[0] for call in sockets]

    def _named(self, names: set[str]) -> list[_Call]:
        return [call for call in self._calls if call.name in names]

    @property
    def peers(self) -> set[str]:
        """The addresses that sockets were connected to, or something was sent to."""
        words = " ".join(call.text for call in self._named(_NETWORK))
        internet = re.findall(r'sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)', words)
        unix = re.findall(r'sun_path="([^"]+)"', words)
        assert len(internet) + len(unix) == words.count("sa_family="), words
        return {f"{address}:{port}" for port, address in internet} | set(unix)


def _without_libraries(calls: list[_Call]) -> set[str]:
    """The files that they name first, without what the loader looks for, and where."""
    paths = {call.paths[0] for call in calls if call.paths}
    return {path for path in paths if not _OF_THE_LOADER.match(path)}
