"""The packages that tests install, by name, each built once."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from .builder import Sample, build_deb, build_rpm, rpmbuild
from .places import FRAGMENTS, HOST_PROGRAM, SAMPLE
from .rights import need_tool

SOURCE = "telemetry-sample"
NAME = f"{SOURCE}-server"
# The same package, renamed: it replaces the one above.
RENAMED = "telemetry-specimen-server"
OLD, NEW = "1.0", "2.0"
# What Debian's packages provide to Red Hat's.
BASE = "base"

SAMPLES = {
    OLD: Sample(SOURCE, OLD),
    NEW: Sample(SOURCE, NEW),
    "renamed": Sample("telemetry-specimen", NEW, replaces=NAME),
    "calls home": Sample(SOURCE, "0.9", library=False, calls_home=True),
    "calls home and has the library": Sample(SOURCE, "1.5", calls_home=True),
}

# Gives the package of a kind, deb or rpm, and a name in SAMPLES.
Packages = Callable[[str, str], Path]


def stripped_server(place: Path) -> Path:
    program = place / "telemetry-host"
    need_tool("strip")
    subprocess.run(["strip", "-o", program, HOST_PROGRAM], check=True)
    return program


def packages_in(place: Path, program: Path | None = None) -> Packages:
    """Of the reference host, or of another server."""
    program = program or stripped_server(place)
    built: dict[tuple[str, str], Path] = {}

    def package(kind: str, name: str) -> Path:
        if (kind, name) not in built and name == BASE:
            built[kind, name] = build_base_rpm(place)
        elif (kind, name) not in built:
            build = build_deb if kind == "deb" else build_rpm
            built[kind, name] = build(place, program, SAMPLES[name])
        return built[kind, name]

    return package


def build_base_rpm(place: Path) -> Path:
    rpmbuild(place / "base", "-bb", SAMPLE / "base.spec")
    [package] = (place / "base/RPMS").glob("*/*.rpm")
    return package


def debian_script(name: str) -> str:
    """A maintainer script of the sample with its fragments, as the recipe in its rules makes it."""
    functions, call = (
        next(path for path in FRAGMENTS if path.name == f"telemetry-{part}").read_text()
        for part in ("opt-out.sh", name)
    )
    script = (SAMPLE / f"percona-packaging/debian/server.{name}").read_text()
    return script.replace("#PERCONA_TELEMETRY#\n", functions + call).replace("#DEBHELPER#\n", "")
