"""A layer over a root folder that make-root.sh made: what runs in it sees a whole system, and what it
writes stays in the layer.

Each command runs in mount and process namespaces of its own, and leaves nothing mounted.
"""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from .rights import need_layer
from .shells import PATH, outcome

_ENTER = """
set -eu
lower=$1 place=$2 read_only=$3 outside=$4 shown=$5
shift 5
root=$place/merged
layers=lowerdir=$lower,upperdir=$place/upper,workdir=$place/work
mount -t overlay overlay -o "$layers" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
for pair in $shown; do
    mkdir -p "$root${pair#*:}"
    mount -o bind,ro "${pair%%:*}" "$root${pair#*:}"
done
for folder in $read_only; do
    mount --bind "$root$folder" "$root$folder"
    mount -o remount,bind,ro "$root$folder"
done
if [ "$outside" = yes ]; then
    mount --bind /etc /etc
    mount -o remount,bind,ro /etc
fi
exec "$@"
"""


class Layer:
    # Whether what runs in it has this machine's network, or none.
    network = False

    def __init__(self, place: Path, lower: Path, shown: Mapping[Path, str] = {}) -> None:
        """shown: folders of this machine that can be read in there, and where."""
        need_layer(place, lower)
        self.place = place
        self.root = place / "merged"
        self._lower = lower
        self._shown = " ".join(f"{folder}:{there}" for folder, there in shown.items())

    def run(
        self,
        *command: str | Path,
        variables: Mapping[str, str] = {},
        outside: bool = False,
        read_only: str = "",
    ) -> str:
        """Runs a command in there as root, with these variables and no others; outside, with
        this machine's /etc write-protected, for tools that enter the system by themselves. It
        must succeed."""
        entering = self.entering(command, variables, outside, read_only)
        status, text = outcome(*entering, stdin=subprocess.DEVNULL)
        assert status == 0, f"{command} ended with {status}:\n{text}"
        return text

    def sh(self, script: str) -> str:
        return self.run("sh", "-euc", script)

    def take(self, file: Path) -> str:
        """Brings a file into the system; gives its name there."""
        (self.place / "upper/srv").mkdir(exist_ok=True)
        (self.place / "upper/srv" / file.name).write_bytes(file.read_bytes())
        return f"/srv/{file.name}"

    def entering(
        self,
        command: Sequence[str | Path],
        variables: Mapping[str, str],
        outside: bool = False,
        read_only: str = "",
        processes: bool = True,
    ) -> list[str]:
        own = [] if self.network else ["--net"]
        own += ["--pid", "--fork", "--kill-child"] if processes else []
        chroot = [] if outside else ["chroot", str(self.root)]
        pairs = [f"{name}={value}" for name, value in {"PATH": PATH, **variables}.items()]
        return [
            *["unshare", "--mount", *own],
            *["sh", "-c", _ENTER, "sh", str(self._lower), str(self.place), read_only],
            *["yes" if outside else "no", self._shown],
            *[*chroot, "env", "-i", *pairs, *map(str, command)],
        ]
