"""A throw-away system and the sample package for it, in two versions."""

from dataclasses import dataclass
from pathlib import Path

from .machine import Machine
from .packages import NAME

DISABLED = {"PERCONA_TELEMETRY_DISABLE": "1"}
LINE = (
    f"Made by the package {NAME}, installed with PERCONA_TELEMETRY_DISABLE: "
    "telemetry is off on this host. To undo, remove this file and restart mongod.\n"
)
REMEMBERED = f"root 644\n{LINE}"


@dataclass
class Case:
    machine: Machine
    old: Path
    new: Path
