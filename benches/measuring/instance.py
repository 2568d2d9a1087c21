"""Runs programs/instance: one server's start, measured from inside."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .places import BUILD

PROGRAM = str(BUILD / "instance")
# Takes the same arguments.
FLOOR = str(BUILD / "floor")

# Messages in the log.
ENABLED = "Telemetry enabled"
DELIVERED = "Telemetry report delivered"
REPORTED_BEFORE = "Telemetry enabled, report already delivered"
RETRIES = "Telemetry report delivery failed, will retry"
OFF = "Telemetry disabled"

DEADLINE = 300

Figures = dict[str, float]


@dataclass(frozen=True)
class Start:
    """One start of a server: in which dbpath, until which message in its log, and where reports go."""

    dbpath: Path
    until: str
    url: str = "http://127.0.0.1:1/"
    variables: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[str] = ()
    program: str = PROGRAM

    @property
    def command(self) -> list[str]:
        url = f"perconaTelemetryUrl={self.url}"
        return [self.program, str(self.dbpath), self.until, *self.options, url]

    def run(self, *under: str, variables: Mapping[str, str] | None = None) -> str:
        """Runs it, under another program if one is named; gives what it prints."""
        run = subprocess.run(
            [*under, *self.command],
            env={**self.variables, **(variables or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        assert run.returncode == 0, f"{run.args} ended with {run.returncode}:\n{run.stderr}"
        return run.stdout

    def measured(self) -> Figures:
        figures: Figures = json.loads(self.run())
        return figures
