"""What somebody may plant under a name that the library uses, and whether it is still as it was."""

import errno
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

# Each makes a thing under a name, leading to a target if it leads anywhere.
_PLANTS: dict[str, Callable[[Path, Path], object]] = {
    "hard link": lambda name, target: os.link(target, name),
    "empty directory": lambda name, _: name.mkdir(),
    "directory": lambda name, _: (name / "inside").mkdir(parents=True),
    "symbolic link": lambda name, target: name.symlink_to(target),
    "dangling link": lambda name, target: name.symlink_to(target.parent / "nowhere"),
    "link to a directory": lambda name, target: name.symlink_to(target.parent),
    "link to itself": lambda name, _: name.symlink_to(name),
    "FIFO": lambda name, _: os.mkfifo(name),
    "socket": lambda name, _: listener(name).close(),
    "character device": lambda name, _: os.mknod(name, 0o666 | stat.S_IFCHR, os.makedev(1, 5)),
    "block device": lambda name, _: os.mknod(name, 0o666 | stat.S_IFBLK, os.makedev(240, 77)),
}
DIRECTORIES = ["empty directory", "directory"]
IRREGULAR = [kind for kind in _PLANTS if kind != "hard link"]
REPLACEABLE = [kind for kind in _PLANTS if kind not in DIRECTORIES]


def put(kind: str, name: Path, target: Path) -> None:
    try:
        _PLANTS[kind](name, target)
        if "device" in kind:
            _try_to_open(name)
    except PermissionError as error:
        pytest.skip(f"no {kind} can be made or opened here: {error}")


def _try_to_open(device: Path) -> None:
    """Fails with PermissionError where the file system takes no devices."""
    try:
        os.close(os.open(device, os.O_RDONLY | os.O_NONBLOCK))
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise


def listener(name: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(name))
    return made


def look(place: Path) -> dict[str, object]:
    """Everything in a folder: what it is, where it leads, what it holds."""
    seen: dict[str, object] = {}
    for path in sorted([place, *place.rglob("*")]):
        about = path.lstat()
        content: object = None
        if path.is_symlink():
            content = os.readlink(path)
        elif path.is_file():
            content = path.read_bytes()
        seen[str(path.relative_to(place))] = (about.st_ino, about.st_mode, about.st_rdev, content)
    return seen
