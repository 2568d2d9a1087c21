"""A throw-away system: a layer over the one that make-root.sh made, with real package managers.

Each command runs in mount, network and process namespaces of its own, and leaves nothing mounted.
"""

import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

from . import server
from .packages import NAME
from .places import HOST_FILE, SYSTEM
from .rights import need_system

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
DBPATH = "/var/lib/telemetry-sample"
REPORTS = "/srv/reports"

_ENTER = """
set -eu
lower=$1 place=$2 read_only=$3 outside=$4
shift 4
root=$place/merged
layers=lowerdir=$lower,upperdir=$place/upper,workdir=$place/work
mount -t overlay overlay -o "$layers" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
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


class Machine(ABC):
    def __init__(self, place: Path) -> None:
        need_system(place)
        self.place = place
        self.root = place / "merged"
        # An ordinary user who may do anything with sudo.
        self.sh(
            f"""
            useradd --create-home ann
            echo 'ann ALL=(ALL:ALL) NOPASSWD: ALL' >/etc/sudoers.d/ann
            chmod 0440 /etc/sudoers.d/ann
            echo '127.0.0.1 localhost {_host_name()}' >>/etc/hosts
            mkdir -p {REPORTS} /run/systemd/system
            """
        )

    @abstractmethod
    def install(self, package: Path, variables: Mapping[str, str | bytes] = {}) -> str:
        """Installs or upgrades; gives what was printed."""

    @abstractmethod
    def remove(self) -> None: ...

    @abstractmethod
    def installed(self) -> dict[str, str]:
        """The sample packages that are installed, with their versions."""

    def run(
        self,
        *command: str | bytes | Path,
        variables: Mapping[str, str | bytes] = {},
        outside: bool = False,
        read_only: str = "",
    ) -> str:
        """Runs a command in there as root, with these variables and no others; outside, with
        this machine's /etc write-protected, for tools that enter the system by themselves. It
        must succeed."""
        run = subprocess.run(
            self._entering(command, variables, outside, read_only),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        text = run.stdout.decode(errors="replace")
        assert run.returncode == 0, f"{command} ended with {run.returncode}:\n{text}"
        return text

    def sh(self, script: str) -> str:
        return self.run("sh", "-euc", script)

    def as_ann(self, command: str) -> str:
        """What somebody types into a terminal."""
        return self.run("su", "-", "ann", "-c", command)

    def take(self, package: Path) -> str:
        """Brings a file into the system; gives its name there."""
        (self.place / "upper/srv").mkdir(exist_ok=True)
        (self.place / "upper/srv" / package.name).write_bytes(package.read_bytes())
        return f"/srv/{package.name}"

    def remembered(self) -> str | None:
        """The host's opt-out, if it is there: owner, mode and text."""
        look = f"[ ! -e {HOST_FILE} ] || {{ stat -c '%U %a' {HOST_FILE}; cat {HOST_FILE}; }}"
        return self.sh(look) or None

    def serve(self, environment: Mapping[str, str] = {}) -> list[server.Event]:
        """Starts the installed server as a service manager does, with none of the variables of
        the installation, until it is off or has delivered its report; gives its log."""
        command = ["/usr/bin/mongod", "--dbpath", DBPATH]
        variables = {"PERCONA_TELEMETRY_URL": f"file://{REPORTS}", **environment}
        return server.live(
            self._entering(command, variables, processes=False),
            {"PATH": PATH},
            f"{server.DELIVERED}|{server.DISABLED}",
            server.OPEN,
        )

    def is_silent(self) -> bool:
        """Starts the server; whether the host's opt-out kept it quiet, with nothing written."""
        said = server.telemetrys(self.serve())
        return said == [server.off_by(HOST_FILE)] and self._left() == [f"{DBPATH}/mongod.lock"]

    def reports(self) -> bool:
        """Starts the server; whether it made an identity and delivered one report."""
        said = server.telemetrys(self.serve())
        reports = [path for path in self._left() if path.startswith(REPORTS)]
        return said[-1][0] == "Telemetry report delivered" and len(reports) == 1

    def identity(self) -> str:
        return self.sh(f"cat {DBPATH}/telemetry_uuid")

    def _left(self) -> list[str]:
        """What the server has written."""
        return self.sh(f"find {DBPATH} {REPORTS} -type f").split()

    def _entering(
        self,
        command: tuple[str | bytes | Path, ...] | list[str],
        variables: Mapping[str, str | bytes],
        outside: bool = False,
        read_only: str = "",
        processes: bool = True,
    ) -> list[str | bytes]:
        own = ["--pid", "--fork", "--kill-child"] if processes else []
        chroot = [] if outside else ["chroot", str(self.root)]
        everything = {"PATH": PATH, **variables}
        pairs = [_bytes(name) + b"=" + _bytes(value) for name, value in everything.items()]
        return [
            *["unshare", "--mount", "--net", *own],
            *["sh", "-c", _ENTER, "sh", str(SYSTEM), str(self.place), read_only],
            "yes" if outside else "no",
            *chroot,
            *("env", "-i"),
            *pairs,
            *[word if isinstance(word, bytes) else str(word) for word in command],
        ]


class Debian(Machine):
    def install(self, package: Path, variables: Mapping[str, str | bytes] = {}) -> str:
        return self.run("dpkg", "--install", self.take(package), variables=variables)

    def remove(self) -> None:
        self.run("dpkg", "--remove", NAME)

    def purge(self) -> None:
        said = self.run("dpkg", "--purge", NAME)
        assert "Purging configuration files" in said, "there was nothing left to purge"

    def installed(self) -> dict[str, str]:
        form = "${db:Status-Status} ${Package} ${source:Upstream-Version}\\n"
        listed = self.sh(f"dpkg-query --show --showformat '{form}' 'telemetry-s*'")
        lines = [line.split() for line in listed.splitlines()]
        return {line[1]: line[2] for line in lines if line[0] == "installed"}


class RedHat(Machine):
    def __init__(self, place: Path) -> None:
        super().__init__(place)
        # As on Red Hat: sh is bash, yum is dnf, and the packages' database is in its place.
        self.sh(
            """
            ln -sf bash /bin/sh
            ln -s dnf /usr/bin/yum
            mkdir -p /etc/rpm /var/lib/rpm
            echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros.dbpath
            """
        )

    def install(self, package: Path, variables: Mapping[str, str | bytes] = {}) -> str:
        return self.run("rpm", "--upgrade", self.take(package), variables=variables)

    def remove(self) -> None:
        self.run("rpm", "--erase", NAME)

    def installed(self) -> dict[str, str]:
        form = "%{NAME} %{VERSION}\\n"
        listed = self.sh(f"rpm --query --all --queryformat '{form}' 'telemetry-s*'")
        return dict(line.split() for line in listed.splitlines())


def _host_name() -> str:
    return Path("/proc/sys/kernel/hostname").read_text().strip()


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
