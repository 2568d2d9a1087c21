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
# The same package, renamed: it replaces the one above.
RENAMED = "telemetry-sample-server"
OLD, NEW = "1.0", "2.0"
# Gives the package of this name, built once.
Packages = Callable[[str], Path]
SCRIPTS = ("preinst", "postinst", "postrm")


def stripped_server(place: Path) -> Path:
    program = place / "telemetry-host"
    need_tool("strip")
    subprocess.run(["strip", "-o", program, HOST_PROGRAM], check=True)
    return program


def debian_script(name: str) -> str:
    """A maintainer script, with its fragment if it has one, made as packaging/README.md says."""
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


def build_deb(place: Path, program: Path, name: str, version: str) -> Path:
    need_tool("dpkg-deb")
    architecture = _output("dpkg", "--print-architecture")
    tree = place / f"deb-{name}-{version}"
    documents = tree / "usr/share/doc" / name
    for folder in ("DEBIAN", "usr/bin", f"var/lib/{NAME}", str(documents)):
        (tree / folder).mkdir(parents=True, exist_ok=True)
    shutil.copy(program, tree / "usr/bin/telemetry-host")

    replaces = [f"{field}: {NAME}\n" for field in ("Conflicts", "Replaces", "Provides")]
    words = {
        "@NAME@": name,
        "@VERSION@": version,
        "@ARCHITECTURE@": architecture,
        "@REPLACES@": "" if name == NAME else "".join(replaces),
    }
    control = _filled(SAMPLE / "debian/control", words)
    (tree / "DEBIAN/control").write_text(control)
    for script in SCRIPTS:
        (tree / "DEBIAN" / script).write_text(debian_script(script))
        (tree / "DEBIAN" / script).chmod(0o755)
    changelog = _filled(SAMPLE / "debian/changelog", words).encode()
    (documents / "changelog.gz").write_bytes(gzip.compress(changelog, mtime=0))
    licence = (
        "Copyright 2023 Nobody\nLicense: Apache-2.0, see /usr/share/common-licenses/Apache-2.0\n"
    )
    (documents / "copyright").write_text(licence)

    package = place / f"{name}_{version}_{architecture}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", tree, package],
        check=True,
        capture_output=True,
    )
    return package


def build_rpm(place: Path, program: Path, name: str, version: str) -> Path:
    defined = {"sample_name": name, "sample_version": version}
    if name != NAME:
        defined["sample_replaces"] = NAME
    return _rpmbuild(place, SAMPLE / "rpm/sample.spec", program, defined)


def build_base_rpm(place: Path, program: Path) -> Path:
    return _rpmbuild(place, SAMPLE / "rpm/base.spec", program, {})


def _rpmbuild(place: Path, spec: Path, program: Path, macros: dict[str, str]) -> Path:
    need_tool("rpmbuild")
    top = place / "-".join(["rpm", spec.stem, *macros.values()])
    defined = {
        "_topdir": str(top),
        "_sourcedir": str(program.parent),
        "_sharedstatedir": "/var/lib",  # as on Red Hat
        "_build_id_links": "none",
        "debug_package": "%{nil}",
        "_binary_payload": "w1.gzdio",
        "packaging": str(PACKAGING),
        **macros,
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
