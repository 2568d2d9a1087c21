"""What somebody may plant under a name that the library uses, and whether it is still as it was."""

import errno
import os
import socket
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Plant:
    """A thing under a name, and what it leads to."""

    kind: str
    make: Callable[[Path, Path], None]  # under this name, leading to that target

    def put(self, name: Path, target: Path) -> None:
        try:
            self.make(name, target)
            if name.is_char_device() or name.is_block_device():
                _try_to_open(name)
        except PermissionError as error:
            pytest.skip(f"no {self.kind} can be made or opened here: {error}")


def _try_to_open(device: Path) -> None:
    """Fails with PermissionError where the file system takes no devices."""
    try:
        os.close(os.open(device, os.O_RDONLY | os.O_NONBLOCK))
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise


def _non_empty(name: Path, _: Path) -> None:
    name.mkdir()
    (name / "inside").write_text("precious")


def _socket(name: Path, _: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(name))


def _zeros(name: Path, _: Path) -> None:
    os.mknod(name, 0o666 | stat.S_IFCHR, os.makedev(1, 5))


def _nothing_behind_it(name: Path, _: Path) -> None:
    os.mknod(name, 0o666 | stat.S_IFBLK, os.makedev(240, 77))


HARD_LINK = Plant("hard link", lambda name, target: os.link(target, name))
DIRECTORIES = [
    Plant("empty directory", lambda name, _: name.mkdir()),
    Plant("directory", _non_empty),
]
OTHERS = [
    Plant("symbolic link", lambda name, target: name.symlink_to(target)),
    Plant("dangling link", lambda name, target: name.symlink_to(target.parent / "nowhere")),
    Plant("link to a directory", lambda name, target: name.symlink_to(target.parent)),
    Plant("link to itself", lambda name, _: name.symlink_to(name)),
    Plant("FIFO", lambda name, _: os.mkfifo(name)),
    Plant("socket", _socket),
    Plant("character device", _zeros),
    Plant("block device", _nothing_behind_it),
]


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
