"""A throw-away system and the sample packages for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from .machine import Machine
from .packages import NAME, Packages
from .shells import line

DISABLED = {"PERCONA_TELEMETRY_DISABLE": "1"}
REMEMBERED = f"root 644\n{line(NAME)}"


@dataclass
class Case:
    machine: Machine
    kind: str
    packages: Packages

    def install(self, name: str, variables: Mapping[str, str] = {}) -> str:
        """Installs a package or upgrades to it; gives what was printed."""
        return self.machine.install(self.packages(self.kind, name), variables)

    def take(self, name: str) -> str:
        """Brings a package into the system; gives its file there."""
        return self.machine.take(self.packages(self.kind, name))

    def expect_off(self) -> None:
        """The opt-out of the installation is remembered, and keeps the server silent."""
        assert self.machine.remembered() == REMEMBERED
        assert self.machine.is_silent()

    def expect_on(self) -> None:
        assert self.machine.remembered() is None
        assert self.machine.reports()
