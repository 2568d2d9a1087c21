"""The dependency tree, each crate once."""

import os
import subprocess

from .places import ROOT


def crates(*features: str) -> set[str]:
    """Name and version of each crate that a build links or runs, this one left out."""
    command = [os.environ.get("CARGO", "cargo"), "tree", "--locked", *features]
    command += ["--edges", "normal", "--prefix", "none", "--format", "{p}"]
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    names = {" ".join(line.split()[:2]) for line in run.stdout.splitlines() if line}
    return {name for name in names if not name.startswith("psmdb-telemetry ")}


WITH_HTTPS: tuple[str, ...] = ()
WITHOUT_HTTPS = ("--no-default-features",)
