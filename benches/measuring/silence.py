"""What a start with nothing to do must not have among its system calls."""

from .strace import Call

_WRITES = {
    *("write", "pwrite64", "writev", "pwritev2", "sendfile", "copy_file_range", "creat"),
    *("rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "link"),
    *("linkat", "symlink", "symlinkat", "truncate", "ftruncate", "fallocate", "chmod", "fchmod"),
    *("fchmodat", "chown", "fchown", "fchownat", "utimensat", "fsync", "fdatasync"),
}


def sockets(calls: list[Call]) -> list[Call]:
    return [call for call in calls if call.name in ("socket", "socketpair", "connect")]


def writes(calls: list[Call]) -> list[Call]:
    def opens_for_writing(call: Call) -> bool:
        flags = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC")
        return call.name.startswith("open") and any(flag in call.words for flag in flags)

    return [call for call in calls if call.name in _WRITES or opens_for_writing(call)]
