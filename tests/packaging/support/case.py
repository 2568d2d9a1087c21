"""A throw-away system and the sample packages for it."""

from dataclasses import dataclass
from pathlib import Path

from .machine import Machine
from .packages import NAME, NEW, OLD, Packages

DISABLED = {"PERCONA_TELEMETRY_DISABLE": "1"}
LINE = (
    f"Telemetry is off on this host: the package {NAME} was installed with "
    "PERCONA_TELEMETRY_DISABLE. No package removes this file. "
    "To switch telemetry on, remove it and restart mongod.\n"
)
REMEMBERED = f"root 644\n{LINE}"


@dataclass
class Case:
    machine: Machine
    kind: str
    packages: Packages

    def package(self, name: str) -> Path:
        return self.packages(self.kind, name)

    @property
    def old(self) -> Path:
        return self.package(OLD)

    @property
    def new(self) -> Path:
        return self.package(NEW)

    @property
    def renamed(self) -> Path:
        """The new version under another name. It replaces the old package."""
        return self.package("renamed")
