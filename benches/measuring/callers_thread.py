"""Runs programs/callers_thread: each call's nanoseconds and allocations."""

import json
import subprocess

from .places import BUILD, IN_MEMORY


def calls(runs: int) -> dict[str, list[int]]:
    # In memory, so that ten thousand identities are not ten thousand waits for a disk.
    folder = {"TMPDIR": IN_MEMORY} if IN_MEMORY else {}
    run = subprocess.run(
        [str(BUILD / "callers_thread"), str(runs)],
        env=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    values: dict[str, list[int]] = json.loads(run.stdout)
    return values
