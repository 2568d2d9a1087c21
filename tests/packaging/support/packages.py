"""The sample packages: real ones, built by Debian's and Red Hat's own tools."""

import gzip
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from .places import HOST_PROGRAM, OPT_OUT, PACKAGING, SAMPLE
from .rights import need_tool

NAME = "telemetry-sample"
OLD, NEW = "1.0", "1.1"
# Gives the package of this name, built once.
Packages = Callable[[str], Path]
SCRIPTS = ("preinst", "postinst", "prerm", "postrm")


def stripped_server(place: Path) -> Path:
    program = place / "telemetry-host"
    need_tool("strip")
    subprocess.run(["strip", "-o", program, HOST_PROGRAM], check=True)
    return program


def debian_script(name: str) -> str:
    """A maintainer script, with the fragment in it, made as packaging/README.md says."""
    assembled = subprocess.run(
        [
            *("sed", "-e", "/^#PERCONA_TELEMETRY#$/{", "-e", f"r {OPT_OUT}"),
            *("-e", f"r {PACKAGING}/debian/{name}", "-e", "d", "-e", "}"),
            *("-e", "/^#DEBHELPER#$/d", SAMPLE / "debian" / name),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return assembled.stdout


def build_deb(place: Path, program: Path, version: str) -> Path:
    need_tool("dpkg-deb")
    architecture = _output("dpkg", "--print-architecture")
    tree = place / f"deb-{version}"
    documents = tree / "usr/share/doc" / NAME
    for folder in ("DEBIAN", "usr/bin", f"var/lib/{NAME}", str(documents)):
        (tree / folder).mkdir(parents=True, exist_ok=True)
    shutil.copy(program, tree / "usr/bin/telemetry-host")

    words = {"@VERSION@": version, "@ARCHITECTURE@": architecture}
    control = _filled(SAMPLE / "debian/control", words)
    (tree / "DEBIAN/control").write_text(control)
    for name in SCRIPTS:
        (tree / "DEBIAN" / name).write_text(debian_script(name))
        (tree / "DEBIAN" / name).chmod(0o755)
    changelog = _filled(SAMPLE / "debian/changelog", words).encode()
    (documents / "changelog.gz").write_bytes(gzip.compress(changelog, mtime=0))
    licence = (
        "Copyright 2023 Nobody\nLicense: Apache-2.0, see /usr/share/common-licenses/Apache-2.0\n"
    )
    (documents / "copyright").write_text(licence)

    package = place / f"{NAME}_{version}_{architecture}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", tree, package],
        check=True,
        capture_output=True,
    )
    return package


def build_rpm(place: Path, program: Path, version: str) -> Path:
    return _rpmbuild(place, SAMPLE / "rpm/sample.spec", program, version)


def build_base_rpm(place: Path, program: Path) -> Path:
    return _rpmbuild(place, SAMPLE / "rpm/base.spec", program, "1")


def _rpmbuild(place: Path, spec: Path, program: Path, version: str) -> Path:
    need_tool("rpmbuild")
    top = place / f"rpm-{spec.stem}-{version}"
    defined = {
        "_topdir": str(top),
        "_sourcedir": str(program.parent),
        "_sharedstatedir": "/var/lib",  # as on Red Hat
        "_build_id_links": "none",
        "debug_package": "%{nil}",
        "_binary_payload": "w1.gzdio",
        "packaging": str(PACKAGING),
        "sample_version": version,
    }
    options = [word for name, value in defined.items() for word in ("-D", f"{name} {value}")]
    run = subprocess.run(
        ["rpmbuild", "-bb", *options, spec], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    built = re.search(r"^Wrote: (.*)$", run.stdout, re.MULTILINE)
    assert built, run.stdout
    return Path(built[1])


def _filled(template: Path, words: dict[str, str]) -> str:
    text = template.read_text()
    for word, value in words.items():
        text = text.replace(word, value)
    return text


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
