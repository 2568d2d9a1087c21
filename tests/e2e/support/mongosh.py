"""The MongoDB shell, as a DBA runs it: unmodified, with a home of its own."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.patience import PATIENCE
from support.places import MONGOSH, NODE


@dataclass(frozen=True)
class Printed:
    """What the shell printed, and its exit code."""

    out: str
    err: str
    code: int


class Mongosh:
    """Runs the shell; it asks nothing of the network but the host's port."""

    def __init__(self, home: Path) -> None:
        config = home / ".mongodb/mongosh/config"
        config.parent.mkdir(parents=True)
        config.write_text(json.dumps({"enableTelemetry": False, "updateURL": ""}))
        self._environment = {"HOME": str(home)}

    def run(self, port: int, script: str, *options: str) -> Printed:
        """What the shell prints for a script, as `mongosh --eval` does."""
        command = [str(NODE), str(MONGOSH), "--quiet", "--norc", "--port", str(port), *options]
        ended = subprocess.run(
            [*command, "--eval", script],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=self._environment,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Printed(ended.stdout, ended.stderr, ended.returncode)

    def json(self, port: int, script: str) -> Any:
        """The script's value, which the shell prints as JSON."""
        printed = self.run(port, script, "--json=relaxed")
        assert (printed.code, printed.err) == (0, ""), printed
        return json.loads(printed.out)
