"""The sample packages, built by the steps of Percona's own builder: one source tarball without
dotfiles, from which both source packages are made, and from these the binary ones."""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from .places import DOCUMENTS, FRAGMENTS, SAMPLE
from .rights import need_tool
from .shells import outcome

# What such a builder does to a postinst or to %post, here with a script that only leaves its file.
CALL_HOME = """\
bash -s -- -f PRODUCT_FAMILY_PSMDB <<'CALLHOME' &>/dev/null || :
if [[ ${PERCONA_TELEMETRY_DISABLE} -ne "0" ]]; then
    exit 0
fi
mkdir -p /usr/local/percona
printf 'instanceId:%s\\nPRODUCT_FAMILY_PSMDB:1\\n' "$(</proc/sys/kernel/random/uuid)" \
    >/usr/local/percona/telemetry_uuid
CALLHOME
"""
WITHOUT_EARLY_END = ["sed", "-i", "s:exit 0::"]


@dataclass(frozen=True)
class Sample:
    """A version of the sample: its metapackage's name, and what it carries."""

    name: str
    version: str
    library: bool = True
    calls_home: bool = False
    replaces: str = ""


def build_deb(place: Path, program: Path, sample: Sample) -> Path:
    need_tool("dpkg-buildpackage", "dh", "fakeroot")
    work = place / f"deb-{sample.name}-{sample.version}"
    tree = _unpacked(_source_tarball(work, program, sample), work)
    debian = tree / "debian"
    shutil.copytree(tree / "percona-packaging/debian", debian)
    for file in (tree / "percona-packaging/conf").iterdir():
        shutil.copy(file, debian)
    fields = (f"{name}: {sample.replaces}\n" for name in ("Conflicts", "Replaces", "Provides"))
    _replace(debian, {"@@REPLACES@@\n": "".join(fields) if sample.replaces else ""})
    for script in ("preinst", "postinst", "postrm"):
        (debian / f"server.{script}").rename(debian / f"{sample.name}-server.{script}")
    if not sample.library:
        rules = (debian / "rules").read_text()
        kept = re.sub(r"override_dh_installdeb:\n(\t.*\n)+", "", rules)
        (debian / "rules").write_text(kept)
    (work / f"{sample.name}_{sample.version}.orig.tar.gz").hardlink_to(work / "source.tar.gz")

    build = ["dpkg-buildpackage", "-rfakeroot", "-us", "-uc", "-d"]
    _run([*build, "-S"], tree)
    shutil.rmtree(tree)
    [description] = work.glob("*.dsc")
    _run(["dpkg-source", "-x", description.name, tree.name], work)
    if sample.calls_home:
        postinst = debian / f"{sample.name}-server.postinst"
        _run([*WITHOUT_EARLY_END, postinst], tree)
        postinst.write_text(f"{postinst.read_text()}{CALL_HOME}exit 0\n")
    _run([*build, "-b"], tree)
    [package] = work.glob(f"{sample.name}-server_*.deb")
    return package


def build_rpm(place: Path, program: Path, sample: Sample) -> Path:
    work = place / f"rpm-{sample.name}-{sample.version}"
    source = _source_tarball(work, program, sample)
    tree = _unpacked(source, work)
    sources = work / "rpmbuild/SOURCES"
    shutil.copytree(tree / "percona-packaging/conf", sources)
    spec = work / f"rpmbuild/SPECS/{sample.name}.spec"
    spec.parent.mkdir()
    shutil.copy(tree / "percona-packaging/redhat/sample.spec.template", spec)
    _replace(spec.parent, {"@@SOURCE_TARBALL@@": source.name, "@@SRC_DIR@@": tree.name})
    fields = f"Obsoletes: {sample.replaces} < {sample.version}\nProvides: {sample.replaces}\n"
    _replace(spec.parent, {"@@REPLACES@@\n": fields if sample.replaces else ""})
    text = spec.read_text()
    if not sample.library:
        text = re.sub(r"(?m)^(%include|Source\d+: telemetry-).*\n", "", text)
    if sample.calls_home:
        text = text.replace("# CALLHOME_SPLICE_MARKER\n", CALL_HOME.replace("%", "%%"))
    spec.write_text(text)
    shutil.copy(source, sources)
    rpmbuild(work / "rpmbuild", "-bs", spec)
    [package] = (work / "rpmbuild/SRPMS").iterdir()
    # Where nothing of the sources is but in the package.
    rpmbuild(work / "rebuilt", "--rebuild", package)
    [built] = (work / "rebuilt/RPMS").glob(f"*/{sample.name}-server-*.rpm")
    return built


def rpmbuild(top: Path, *command: str | Path) -> None:
    need_tool("rpmbuild")
    options = ["-D", f"_topdir {top}", "-D", "_build_id_links none"]
    options += ["-D", "debug_package %{nil}", "-D", "_binary_payload w1.gzdio"]
    _run(["rpmbuild", *options, *command], top.parent)


def _source_tarball(work: Path, program: Path, sample: Sample) -> Path:
    """The builder's one tarball, of the server's tree into which the recipe has put its files."""
    folder = f"{sample.name}-{sample.version}"
    tree = work / "checkout" / folder
    shutil.copytree(SAMPLE / "percona-packaging", tree / "percona-packaging")
    (tree / "percona-packaging/conf").mkdir()
    for fragment in FRAGMENTS:
        shutil.copy(fragment, tree / "percona-packaging/conf")
    _replace(tree, {"@@NAME@@": sample.name, "@@VERSION@@": sample.version})
    # What the build would make of the library's source archive.
    shutil.copy(program, tree / "mongod")
    shutil.copytree(DOCUMENTS, tree / "telemetry")
    source = work / "source.tar.gz"
    _run(["tar", "--owner=0", "--group=0", "--exclude=.*", "-czf", source, folder], tree.parent)
    return source


def _unpacked(source: Path, work: Path) -> Path:
    _run(["tar", "-xzf", source], work)
    [tree] = [path for path in work.iterdir() if (path / "percona-packaging").is_dir()]
    return tree


def _replace(folder: Path, words: dict[str, str]) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_text()
            for word, value in words.items():
                text = text.replace(word, value)
            path.write_text(text)


def _run(command: list[str | Path], folder: Path) -> None:
    environment = {**os.environ, "DEB_BUILD_OPTIONS": "noautodbgsym nostrip"}
    status, said = outcome(*command, cwd=folder, env=environment)
    assert status == 0, f"{command}:\n{said}"
