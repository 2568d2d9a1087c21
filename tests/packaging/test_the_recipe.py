"""packaging/README.md, followed: the sample packages are what it says, and the library's archive
survives the way through the builder's tarball."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.places import DOCUMENTS, PACKAGING, REPOSITORY, SAMPLE
from support.rights import as_root, need_namespaces

README = (PACKAGING / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize(
    ("language", "count", "file"),
    [("make", 1, "debian/rules"), ("spec", 4, "redhat/sample.spec.template")],
)
def test_the_samples_have_its_lines(language: str, count: int, file: str) -> None:
    written = (SAMPLE / "percona-packaging" / file).read_text()
    assert len(blocks(language)) == count
    for block in blocks(language):
        assert block in written


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's source as a build of packages has it after the recipe's first two steps, with the
    builder's tarball between them."""
    work = tmp_path_factory.mktemp("recipe")
    into_the_tree, unpack, _ = blocks("sh")
    (work / "tree/percona-packaging/conf").mkdir(parents=True)
    environment = {**os.environ, "TREE": str(work / "tree")}
    subprocess.run(["sh", "-euc", into_the_tree], cwd=REPOSITORY, env=environment, check=True)
    tarball = ["tar", "--owner=0", "--group=0", "--exclude=.*", "-czf", "source.tar.gz", "tree"]
    subprocess.run(tarball, cwd=work, check=True)
    shutil.rmtree(work / "tree")
    subprocess.run(["tar", "-xzf", "source.tar.gz"], cwd=work, check=True)
    subprocess.run(["sh", "-euc", unpack], cwd=work / "tree", check=True)
    return work / "tree"


def test_the_fragments_arrive_where_the_builder_copies_from(tree: Path) -> None:
    arrived = {path.name for path in (tree / "percona-packaging/conf").iterdir()}
    assert arrived == {
        *("telemetry-opt-out.sh", "telemetry-preinst", "telemetry-postinst"),
        *("telemetry-pre", "telemetry-post"),
    }


def test_the_module_is_linked_without_a_path_of_the_builder_s(tree: Path) -> None:
    module = tree / "src/mongo/db/modules/percona_telemetry"
    assert (module / "build.py").is_file()
    assert not os.path.isabs(os.readlink(module))


def test_the_notices_are_made_without_a_network_and_a_home(tree: Path) -> None:
    """cargo reads each vendored crate for that, dotfiles included."""
    need_namespaces()
    _, _, documents = blocks("sh")
    variables = {"PATH": os.environ["PATH"], "CARGO_HOME": str(tree / "no-crates")}
    if "RUSTUP_HOME" in os.environ or (Path.home() / ".rustup").is_dir():
        variables["RUSTUP_HOME"] = os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup"))
    subprocess.run(
        ["unshare", *as_root(), "--net", "sh", "-euc", documents],
        cwd=tree,
        env=variables,
        check=True,
    )
    made = {path.name for path in (tree / "telemetry").iterdir()}
    assert made >= {"THIRD-PARTY-NOTICES", "psmdb-telemetry.cdx.json"}
    notices = (tree / "telemetry/THIRD-PARTY-NOTICES").read_text()
    with_https = (DOCUMENTS / "THIRD-PARTY-NOTICES").read_text()
    assert ("ureq" in notices, "ureq" in with_https) == (False, True)
