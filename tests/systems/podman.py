"""An engine that works with no more rights than a build machine has: podman with runc, with a store
of its own."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from support.places import PACKAGING, REPOSITORY, SYSTEM
from support.rights import need_root, need_tool
from support.patience import wait_until

PLACE = REPOSITORY / "build/systems"
IMAGE = Path(__file__).parent / "image"
BASE = "localhost/base-of-debian"
ARG = "ARG PERCONA_TELEMETRY_DISABLE=1"
CHECK = "RUN check-image.sh"

# runc may not raise these without more rights, and tests need no network.
LIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000", "--network", "none"]


def podman(*arguments: str | Path, fails: bool = False) -> str:
    """What it says, on both streams."""
    run = subprocess.run(
        [
            *("podman", "--root", PLACE / "store", "--runroot", PLACE / "run"),
            *("--runtime", "runc", "--cgroup-manager=cgroupfs", "--events-backend=file"),
            *arguments,
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert (run.returncode != 0) == fails, f"{arguments}:\n{run.stdout}"
    return run.stdout


def make_base() -> None:
    """Of the throw-away system that packages are tested in. It stands for a registry's image."""
    need_root("an engine runs containers")
    need_tool("podman", "runc")
    PLACE.mkdir(parents=True, exist_ok=True)
    newest = SYSTEM.with_name("root.made-by").stat().st_mtime_ns
    stamp = PLACE / "base.made-of"
    if not stamp.exists() or stamp.read_text() != str(newest):
        (PLACE / "Dockerfile").write_text("FROM scratch\nADD . /\n")
        podman("build", *LIMITS, "-f", PLACE / "Dockerfile", "-t", BASE, SYSTEM)
        stamp.write_text(str(newest))
    # Images of earlier runs, which have lost their names.
    podman("image", "prune", "--force")


def build(name: str, package: Path, place: Path, *lines: str, fails: bool = False) -> str:
    """Builds an image of packaging/docker; lines, ARG and CHECK, are what its Dockerfile has. Gives
    the build's log."""
    place.mkdir()
    shutil.copy(package, place / "server.deb")
    _copy_libraries(package, place / "libraries")
    for file in ("telemetry.sh", "check-image.sh"):
        shutil.copy(PACKAGING / "docker" / file, place)
    (place / "check-image.sh").chmod(0o755)
    shutil.copy(IMAGE / "entrypoint.sh", place)
    text = (IMAGE / "Dockerfile").read_text()
    for mark, line in (("@@ARG@@", ARG), ("@@CHECK@@", CHECK)):
        text = text.replace(mark, line if line in lines else "")
    (place / "Dockerfile").write_text(text)
    arguments = [*LIMITS, "--build-arg", f"BASE={BASE}", "--no-cache"]
    return podman("build", *arguments, "-t", name, place, fails=fails)


def _copy_libraries(package: Path, folder: Path) -> None:
    """Those of the server that the base does not have, as there is no network to install them."""
    folder.mkdir()
    files = folder.with_name("files")
    subprocess.run(["dpkg-deb", "-x", package, files], check=True)
    listed = subprocess.run(
        ["ldd", files / "usr/bin/mongod"], capture_output=True, text=True, check=True
    )
    for library in re.findall(r"=> (/\S+) \(0x", listed.stdout):
        if not (SYSTEM / library[1:]).exists():
            shutil.copy(library, folder)
    shutil.rmtree(files)


class Container:
    """A container that is started as users are told to, but for LIMITS. Reports become files."""

    def __init__(self, image: str, place: Path, *options: str) -> None:
        self.name = f"psmdb-{place.name}"
        self.reports_folder = place / "reports"
        self.reports_folder.mkdir()
        self.reports_folder.chmod(0o777)
        where = ["-e", "PERCONA_TELEMETRY_URL=file:///reports"]
        where += ["-v", f"{self.reports_folder}:/reports"]
        run = ["run", "-d", "--name", self.name, "--restart", "always"]
        podman(*run, *LIMITS, *where, *options, image)

    def remove(self) -> None:
        podman("rm", "--force", "--time", "10", "--volumes", self.name)

    def log(self) -> list[dict[str, Any]]:
        lines = podman("logs", self.name).splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def wait_for(self, message: str, times: int = 1) -> None:
        def is_there() -> bool:
            said = [event["msg"] for event in self.log()]
            return len([text for text in said if re.fullmatch(message, text)]) >= times

        wait_until(is_there)

    def inspect(self, field: str) -> str:
        return podman("inspect", "--format", f"{{{{{field}}}}}", self.name).strip()

    def shell(self, command: str) -> str:
        return podman("exec", self.name, "sh", "-euc", command)

    def identity(self) -> str:
        return self.shell("cat /data/db/telemetry_uuid")

    def reports(self) -> list[str]:
        return sorted(path.name for path in self.reports_folder.iterdir())
