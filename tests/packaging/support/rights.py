"""What a test needs of the machine. Where that is missing, the test is left out and says why."""

import functools
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .needs import leave_out
from .places import HOST_FILE, POLICY


def is_root() -> bool:
    return os.geteuid() == 0


def as_root() -> list[str]:
    """What makes root of the command of unshare."""
    return [] if is_root() else ["--map-root-user"]


@functools.cache
def _refusal(*command: str) -> str | None:
    """What the command complains of, if it fails."""
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return None if run.returncode == 0 else run.stderr.strip() or "no reason was given"


def need_tool(*names: str) -> None:
    for name in names:
        if shutil.which(name) is None:
            leave_out(f"{name} is not installed")


def need_root(why: str) -> None:
    if not is_root():
        pytest.skip(f"this takes root: {why}")


def need_namespaces() -> None:
    need_tool("unshare")
    refusal = _refusal("unshare", *as_root(), "--mount", "--net", "true")
    if refusal:
        pytest.skip(f"namespaces cannot be made here: {refusal}")


def need_layer(place: Path, lower: Path) -> None:
    """A layer over a throw-away system, that is, root and an overlay file system."""
    need_root("packages are installed into a throw-away system")
    need_namespaces()
    if not lower.is_dir():
        pytest.skip(f"{lower} is missing: run 'make test-packaging'")
    for name in ("lower", "upper", "work", "merged"):
        (place / name).mkdir(parents=True, exist_ok=True)
    options = f"lowerdir={place}/lower,upperdir={place}/upper,workdir={place}/work"
    mount = ["mount", "-t", "overlay", "overlay", "-o", options, f"{place}/merged"]
    refusal = _refusal("unshare", "--mount", *mount)
    if refusal:
        pytest.skip(f"no overlay file system can be mounted here: {refusal}")


def need_policy() -> None:
    need_root("a module is linked into a copy of Debian's SELinux policy")
    need_tool("semodule", "sesearch")
    if not (POLICY / "rules").exists():
        pytest.skip(f"{POLICY} is missing: run 'make test-packaging'")


def need_no_opt_out_on_this_machine() -> None:
    if os.path.lexists(HOST_FILE):
        pytest.skip(f"{HOST_FILE} switches telemetry off on this machine")
