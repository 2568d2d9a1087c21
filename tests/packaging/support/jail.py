"""A file system with nothing in it but the server, as in a container made from scratch."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from .places import HOST_PROGRAM
from .rights import as_root, need_namespaces

PROGRAM = "/bin/telemetry-host"
DBPATH = "/data/db"

_ENTER = """
set -eu
root=$1 read_only=$2
shift 2
mount --bind "$root" "$root"
if [ "$read_only" = True ]; then
    mount -o remount,bind,ro "$root"
    mount -t tmpfs -o mode=1777 tmpfs "$root/data/db"
fi
exec "$@"
"""


def make_template(root: Path) -> Path:
    """The server and its libraries."""
    for folder in ("bin", "etc", "data/db", "tmp", "run"):
        (root / folder).mkdir(parents=True)
    shutil.copy(HOST_PROGRAM, root / PROGRAM[1:])
    for library in _libraries():
        copy = root / str(library)[1:]
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, copy)
    return root


class Jail:
    def __init__(self, root: Path, template: Path) -> None:
        need_namespaces()
        self.root = root
        shutil.copytree(template, root, copy_function=os.link)
        root.chmod(0o755)
        self.put("etc/os-release", 'ID=ol\nPRETTY_NAME="Oracle Linux Server 8.8"\n')
        self.put("etc/hosts", "127.0.0.1 localhost\n")
        self.put("etc/nsswitch.conf", "hosts: files\n")

    def put(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    @property
    def dbpath(self) -> Path:
        return self.root / DBPATH[1:]

    def command(
        self,
        *arguments: str,
        network: bool = False,
        read_only: bool = False,
        uid: int | None = None,
    ) -> list[str]:
        """What starts the server inside; without the network unless it is asked for. Of a root
        that is read-only all but the dbpath is."""
        namespaces = [*as_root(), "--mount", *([] if network else ["--net"])]
        user = [] if uid is None else [f"--userspec={uid}:0", "--groups="]
        return [
            *["unshare", *namespaces, "sh", "-c", _ENTER, "sh", str(self.root), str(read_only)],
            *["chroot", *user, str(self.root), PROGRAM, "--dbpath", DBPATH, *arguments],
        ]

    def files(self) -> dict[str, tuple[int, int, bytes]]:
        """Every file: its mode, when it was changed, and what is in it."""
        found = {}
        for path in self.root.rglob("*"):
            status = path.lstat()
            content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            found[f"/{path.relative_to(self.root)}"] = (status.st_mode, status.st_mtime_ns, content)
        return found


def _libraries() -> set[Path]:
    """The shared libraries of the server, as its own loader finds them."""
    listed = subprocess.run(["ldd", HOST_PROGRAM], capture_output=True, text=True, check=True)
    return {Path(path) for path in re.findall(r"(/\S+) \(0x", listed.stdout)}
