"""Bare Debian systems: nothing but g++, make, Python and Rust, and the library's source archive. In
each, all is done as for the first time, and in a layer that goes afterwards."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from podman import PLACE
from support import server
from support.host import Host
from support.layer import PATH, Layer
from support.places import REPOSITORY
from support.rights import need_root

SOURCE = "/srv/source"
DBPATH = "/srv/db"
REPORTS = "/srv/reports"
RUST = "/opt/rust"


@dataclass(frozen=True)
class Kind:
    title: str  # of its row in docs/integration.md
    release: str
    # Debian's own, which is called rustc-web; or that of the machine.
    packaged_rust: bool = True
    architecture: str = "amd64"
    hardware: str = "x86_64"


KINDS = {
    "debian-13": Kind("Debian 13", "trixie"),
    "debian-12": Kind("Debian 12", "bookworm"),
    "debian-11": Kind("Debian 11", "bullseye", packaged_rust=False),
    "debian-12-arm64": Kind(
        "Debian 12, aarch64", "bookworm", architecture="arm64", hardware="aarch64"
    ),
}


class Bare(Layer):
    network = True

    def __init__(self, name: str) -> None:
        need_root("bare systems are made")
        if name not in KINDS:
            pytest.exit(f"SYSTEMS has {name!r}; there are {' '.join(KINDS)}", returncode=2)
        self.kind = KINDS[name]
        packages = ["g++", "make", "python3"]
        if self.kind.packaged_rust:
            packages += ["cargo-web", "rustc-web"]
        make_root = [REPOSITORY / "tests/make-root.sh", PLACE / name, self.kind.release]
        subprocess.run([*make_root, self.kind.architecture, *packages], check=True, cwd=REPOSITORY)
        layer = PLACE / f"{name}.layer"
        shutil.rmtree(layer, ignore_errors=True)
        super().__init__(layer, PLACE / name, {} if self.kind.packaged_rust else {_rust(): RUST})
        self.upper = layer / "upper"
        self._settings = self._take_settings()
        archives = (REPOSITORY / "dist").glob("psmdb-telemetry-*.tar.gz")
        archive = max(archives, key=lambda path: path.stat().st_mtime)
        self.do(f"mkdir {SOURCE}; tar -xzf {self.take(archive)} -C {SOURCE} --strip-components=1")

    def do(self, script: str) -> str:
        """What somebody types into a terminal, in the folder of the source."""
        variables = {"HOME": "/root", "LANG": "C.UTF-8", "PATH": f"{RUST}/bin:{PATH}"}
        script = f"[ ! -d {SOURCE} ] || cd {SOURCE}\n{script}"
        return self.run("sh", "-euc", script, variables={**variables, **self._settings})

    @property
    def made(self) -> Path:
        """What the build has made, seen from this machine."""
        return self.upper / SOURCE[1:] / "dist"

    def serve(
        self,
        variables: Mapping[str, str],
        *options: str,
        until: str,
        meanwhile: Callable[[Host], object] = lambda host: None,
    ) -> list[tuple[str, dict[str, Any]]]:
        """Starts the reference host as it was built there until its log has this; gives what the
        library said."""
        command = [f"{SOURCE}/dist/bin/telemetry-host", "--dbpath", DBPATH, "--port", "0", *options]
        variables = {"PERCONA_TELEMETRY_URL": f"file://{REPORTS}", **variables}
        entering = self.entering(command, variables, processes=False)
        return server.said(server.live(entering, {}, until, meanwhile=meanwhile))

    def on_a_new_dbpath(self) -> None:
        self.do(f"rm -rf {DBPATH} {REPORTS}; mkdir {DBPATH} {REPORTS}")

    def written(self) -> list[str]:
        """The files of dbpath and destination, but for the host's own."""
        folders = (self.upper / DBPATH[1:], self.upper / REPORTS[1:])
        names = sorted(path.name for folder in folders for path in folder.iterdir())
        return [name for name in names if name != "mongod.lock"]

    def _take_settings(self) -> dict[str, str]:
        """How this machine reaches its registries, as files in there and as variables."""
        (self.upper / "etc/apt/apt.conf.d").mkdir(parents=True)
        for file in ("/etc/resolv.conf", "/etc/pip.conf"):
            if Path(file).is_file():
                shutil.copy(file, self.upper / file[1:])
        said = subprocess.run(["apt-config", "dump"], check=True, capture_output=True, text=True)
        lines = re.findall(r"^Acquire::(?:Check-|https?::|Retries).*", said.stdout, re.MULTILINE)
        settings = self.upper / "etc/apt/apt.conf.d/99-of-the-machine"
        settings.write_text("\n".join(lines) + "\n")
        variables = {}
        for name, value in os.environ.items():
            if re.match("PIP_|SSL_CERT_FILE", name):
                # Not in its place, where a package may have a file of its own.
                variables[name] = self.take(Path(value)) if Path(value).is_file() else value
        return variables


@contextmanager
def bare_system(name: str) -> Iterator[Bare]:
    system = Bare(name)
    yield system
    shutil.rmtree(system.place)


def _rust() -> Path:
    found = subprocess.run(
        ["rustc", "--print", "sysroot"], check=True, capture_output=True, text=True, cwd=REPOSITORY
    )
    return Path(found.stdout.strip())
