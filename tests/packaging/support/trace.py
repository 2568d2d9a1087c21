"""Every system call of a server's life, by strace."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .traced import need_strace

_THREADS = {"clone", "clone3", "fork", "vfork"}
_OPENS = {"open", "openat", "openat2", "creat"}
_LOOKS = {
    *("access", "faccessat", "faccessat2", "stat", "lstat", "newfstatat", "statx", "statfs"),
    *("readlink", "readlinkat", "getxattr", "lgetxattr", "execve", "getcwd"),
}
# Those that change a file through its name; those that do it through a descriptor come after an
# open for writing.
_CHANGES = {
    *("rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat"),
    *("link", "linkat", "symlink", "symlinkat", "mknod", "mknodat", "truncate"),
    *("chmod", "fchmodat", "chown", "lchown", "fchownat", "utime", "utimes", "utimensat"),
    *("setxattr", "lsetxattr", "removexattr", "lremovexattr", "mount", "chdir", "chroot"),
}
# Ways around the calls above.
_DETOURS = {"io_uring_setup", "io_uring_enter", "open_by_handle_at", "memfd_create"}
_SOCKETS = {"socket", "socketpair"}

# A name in a call, and before it the descriptor of the folder that it is in, if it is in one.
_NAMES = re.compile(r'(?:\b(\d+), )?"((?:[^"\\]|\\.)*)"')
_WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|O_TMPFILE")


@dataclass(frozen=True)
class Call:
    name: str
    text: str
    opened: Mapping[str, str]  # what was open then, by descriptor

    @property
    def paths(self) -> list[str]:
        """The names of files in it."""
        names = _NAMES.findall(self.text)
        return [os.path.join(self.opened.get(at, ""), name) for at, name in names if name]

    @property
    def looks(self) -> bool:
        """Whether it only asks what is there."""
        return self.name in _LOOKS or "O_PATH" in self.text

    @property
    def opens_for_writing(self) -> bool:
        return self.name == "creat" or bool(_WRITING.search(self.text))


def traced(trace: Path, command: Sequence[str], *options: str) -> list[str]:
    """A command that leaves a trace of this command."""
    need_strace()
    return ["strace", "-f", "-s", "512", "-o", str(trace), *options, *command]


class Trace:
    """The server's calls, from its own first one on, its loader's included."""

    def __init__(self, trace: Path, program: str) -> None:
        lines = trace.read_text(errors="replace").splitlines()
        begin = max(i for i, line in enumerate(lines) if f' execve("{program}"' in line)
        self.calls = list(_calls(lines[begin + 1 :]))
        assert any(call.name == "exit_group" for call in self.calls), "not the whole life"
        assert not self._named(_DETOURS), "a call that this module does not look into"

    def _named(self, names: set[str]) -> list[Call]:
        return [call for call in self.calls if call.name in names]

    @property
    def threads(self) -> int:
        """How many threads or processes were started."""
        return len(self._named(_THREADS))

    @property
    def sockets(self) -> list[str]:
        """The family of each socket."""
        return [call.text.split(",")[0] for call in self._named(_SOCKETS)]

    @property
    def peers(self) -> set[str]:
        """The addresses that sockets were connected to, or something was sent to."""
        sending = self._named({"connect", "sendto", "sendmsg", "sendmmsg"})
        words = " ".join(call.text for call in sending)
        internet = re.findall(r'sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)', words)
        unix = re.findall(r'sun_path="([^"]+)"', words)
        assert len(internet) + len(unix) == words.count("sa_family="), words
        return {f"{address}:{port}" for port, address in internet} | set(unix)

    @property
    def read(self) -> set[str]:
        """What was opened for reading, found or not, but for the program's own libraries."""
        opened = [call for call in self._named(_OPENS) if not call.opens_for_writing]
        return _without_libraries({call.paths[0] for call in opened if not call.looks})

    @property
    def written(self) -> set[str]:
        """What was opened for writing, made, renamed, removed or changed."""
        opened = [call for call in self._named(_OPENS) if call.opens_for_writing]
        return {path for call in opened + self._named(_CHANGES) for path in call.paths}

    @property
    def looked_for(self) -> set[str]:
        """What was asked about without opening it."""
        looking = [call for call in self.calls if call.looks and call.paths]
        return _without_libraries({call.paths[0] for call in looking})


def _calls(lines: Sequence[str]) -> Iterator[Call]:
    opened: dict[str, str] = {}
    opening: dict[str, str] = {}  # by each thread, until the call returns
    for line in lines:
        thread, _, text = line.partition(" ")
        if found := re.match(r" *(\w+)\((.*)", text):
            call = Call(found[1], found[2], dict(opened))
            yield call
            if call.name in _OPENS:
                opening[thread] = call.paths[0]
        if thread in opening and (result := re.search(r"\) += (-?\d+)", text)):
            opened[result[1]] = opening.pop(thread)


def _without_libraries(paths: set[str]) -> set[str]:
    """Without what the loader looks for, and where."""
    loader = re.compile(r"(/usr)?/lib(64)?(/(?!os-release)|$)|/etc/ld\.so\.")
    return {path for path in paths if not loader.match(path)}
