"""A throw-away system with real package managers."""

import socket
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from . import server
from .layer import Layer
from .packages import BASE, NAME, Packages
from .places import HOST_FILE, SYSTEM
from .shells import line

DBPATH = "/var/lib/telemetry-sample"
REPORTS = "/srv/reports"

DISABLED = {"PERCONA_TELEMETRY_DISABLE": "1"}
REMEMBERED = f"root 644\n{line(NAME)}"


class Machine(Layer, ABC):
    # Of its packages.
    kind: ClassVar[str]
    # What installs a file or upgrades to it, what users install with, and what removes a package.
    tool: ClassVar[Sequence[str]]
    front_end: ClassVar[Sequence[str]]
    remover: ClassVar[Sequence[str]]

    def __init__(self, place: Path, packages: Packages) -> None:
        super().__init__(place, SYSTEM)
        self._packages = packages
        # An ordinary user who may do anything with sudo.
        self.sh(
            f"""
            useradd --create-home ann
            echo 'ann ALL=(ALL:ALL) NOPASSWD: ALL' >/etc/sudoers.d/ann
            chmod 0440 /etc/sudoers.d/ann
            echo '127.0.0.1 localhost {socket.gethostname()}' >>/etc/hosts
            mkdir -p {REPORTS} /run/systemd/system
            """
        )

    def package(self, name: str) -> Path:
        """A package of this system's kind, by its name in SAMPLES."""
        return self._packages(self.kind, name)

    def install(self, name: str, variables: Mapping[str, str] = {}) -> str:
        """Installs a package or upgrades to it; gives what was printed."""
        return self.run(*self.tool, self.bring(name), variables=variables)

    def remove(self) -> None:
        self.run(*self.remover, NAME)

    @abstractmethod
    def purge(self) -> None: ...

    @abstractmethod
    def installed(self) -> dict[str, str]:
        """The sample packages that are installed, with their versions."""

    def as_ann(self, command: str) -> str:
        """What somebody types into a terminal."""
        return self.run("su", "-", "ann", "-c", command)

    def bring(self, name: str) -> str:
        """Brings a package into the system; gives its file there."""
        return self.take(self.package(name))

    def remembered(self) -> str | None:
        """The host's opt-out, if it is there: owner, mode and text."""
        look = f"[ ! -e {HOST_FILE} ] || {{ stat -c '%U %a' {HOST_FILE}; cat {HOST_FILE}; }}"
        return self.sh(look) or None

    def serve(self, environment: Mapping[str, str] = {}) -> list[tuple[str, dict[str, Any]]]:
        """Starts the installed server as a service manager does, with none of the variables of
        the installation, until it is off or has delivered its report; gives what it said."""
        command = ["/usr/bin/mongod", "--dbpath", DBPATH]
        variables = {"PERCONA_TELEMETRY_URL": f"file://{REPORTS}", **environment}
        command = self.entering(command, variables, processes=False)
        return server.said(server.live(command, {}, server.DELIVERED, server.DISABLED))

    def is_silent(self) -> bool:
        """Starts the server; whether the host's opt-out kept it quiet, with nothing written."""
        said = self.serve()
        return said == server.off_by(HOST_FILE) and self._left() == [f"{DBPATH}/mongod.lock"]

    def reports(self) -> bool:
        """Starts the server; whether it made an identity and delivered one report."""
        said = self.serve()
        reports = [path for path in self._left() if path.startswith(REPORTS)]
        return said[-1][0] == server.DELIVERED and len(reports) == 1

    def expect_off(self) -> None:
        """The opt-out of the installation is remembered, and keeps the server silent."""
        assert self.remembered() == REMEMBERED
        assert self.is_silent()

    def expect_on(self) -> None:
        assert self.remembered() is None
        assert self.reports()

    def identity(self) -> str:
        return self.sh(f"cat {DBPATH}/telemetry_uuid")

    def _left(self) -> list[str]:
        """What the server has written."""
        return self.sh(f"find {DBPATH} {REPORTS} -type f").split()


class Debian(Machine):
    kind = "deb"
    tool = ("dpkg", "--install")
    front_end = ("apt", "install", "-y")
    remover = ("dpkg", "--remove")

    def purge(self) -> None:
        said = self.run("dpkg", "--purge", NAME)
        assert "Purging configuration files" in said, "there was nothing left to purge"

    def installed(self) -> dict[str, str]:
        form = "${db:Status-Status} ${Package} ${source:Upstream-Version}\\n"
        listed = self.sh(f"dpkg-query --show --showformat '{form}' 'telemetry-s*'")
        lines = [line.split() for line in listed.splitlines()]
        return {line[1]: line[2] for line in lines if line[0] == "installed"}


class RedHat(Machine):
    kind = "rpm"
    tool = ("rpm", "--upgrade")
    front_end = ("yum", "install", "-y")
    remover = ("rpm", "--erase")

    def __init__(self, place: Path, packages: Packages) -> None:
        super().__init__(place, packages)
        # As on Red Hat: sh is bash, yum is dnf, and the packages' database is in its place.
        self.sh(
            """
            ln -sf bash /bin/sh
            ln -s dnf /usr/bin/yum
            mkdir -p /etc/rpm /var/lib/rpm
            echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros.dbpath
            """
        )
        self.run("rpm", "--install", self.bring(BASE))

    def purge(self) -> None:
        self.remove()

    def installed(self) -> dict[str, str]:
        form = "%{NAME} %{VERSION}\\n"
        listed = self.sh(f"rpm --query --all --queryformat '{form}' 'telemetry-s*'")
        return dict(line.split() for line in listed.splitlines())
