"""The module in a build by SCons, with the real SConscript and build.py and a stand-in for the rest:
what is linked, and what the build asks for."""

import os
import re
import shutil
from pathlib import Path

import pytest
from support.places import ARCHIVE, REPOSITORY, SAMPLE
from support.rights import need_tool
from support.shells import outcome

# Shells, compilers and SCons, and no cargo, in no home.
WITHOUT_CARGO = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The server's tree with the library beside it, linked as packaging/README.md says."""
    need_tool("scons", "g++")
    tree = tmp_path / "tree"
    shutil.copytree(SAMPLE / "server", tree)
    (tree / "psmdb-telemetry").symlink_to(REPOSITORY)
    modules = tree / "src/mongo/db/modules"
    modules.mkdir()
    (modules / "percona_telemetry").symlink_to("../../../../psmdb-telemetry/cpp/mongod")
    return tree


def scons(tree: Path, *arguments: str, **variables: str) -> tuple[int, str]:
    return outcome("scons", "-Q", *arguments, cwd=tree, env={**WITHOUT_CARGO, **variables})


def build(tree: Path, *arguments: str) -> str:
    status, said = scons(tree, *arguments, "build/mongo/mongod")
    assert status == 0, said
    return said


def refusal(tree: Path, **variables: str) -> str:
    status, said = scons(tree, "build/mongo/mongod", **variables)
    assert status != 0, said
    return said


@pytest.mark.parametrize("is_relative", [False, True], ids=["absolute", "relative"])
def test_a_server_with_the_module(is_relative: bool, tree: Path) -> None:
    """A dry run: the module takes the server's own headers, of which `make test-mongod` has real ones."""
    path = os.path.relpath(ARCHIVE, tree) if is_relative else ARCHIVE
    lines = build(tree, "-n", f"--percona-telemetry-archive={path}").splitlines()
    [main] = [line for line in lines if "-o build/mongo/db/db.o" in line]
    assert "-DPERCONA_TELEMETRY_MODULE" in main
    [link] = [line for line in lines if "-o build/mongo/mongod " in line]
    assert "percona_telemetry" in link and str(ARCHIVE) in link, link


@pytest.mark.parametrize("options", [["--modules="], []], ids=["left out", "not there"])
def test_a_server_without_the_module(options: list[str], tree: Path) -> None:
    """For plain tarballs. tests/link has what the calls in db.cpp become then."""
    if not options:
        (tree / "src/mongo/db/modules/percona_telemetry").unlink()
    said = build(tree, *options).replace("skipping module: percona_telemetry\n", "")
    assert "-o build/mongo/mongod" in said and "telemetry" not in said.lower()


def test_only_what_needs_the_archive_needs_cargo(tree: Path) -> None:
    for arguments in (
        ["-c"],
        ["-c", "--percona-telemetry-archive=/gone.a"],
        ["build/mongo/mongos"],
    ):
        assert scons(tree, *arguments)[0] == 0
    missing = "build-archive: cargo is not found: put cargo on the PATH"
    assert missing in refusal(tree)


def test_a_copy_of_the_module_can_be_cleaned_and_not_built(tree: Path) -> None:
    module = tree / "src/mongo/db/modules/percona_telemetry"
    module.unlink()
    shutil.copytree(REPOSITORY / "cpp/mongod", module)
    assert scons(tree, "-c")[0] == 0
    assert "link it instead of copying it" in refusal(tree)


def test_the_server_s_flags_and_its_debug_package_reach_the_archive(tree: Path) -> None:
    """In a builder without a home. A stand-in for cargo notes what it is given, and fails."""
    cargo = tree / "cargo"
    cargo.write_text(
        "#!/bin/sh\ntest $1 != tree || exit 0\n"
        f"env >{tree}/given\nmkdir -p $CARGO_HOME\nexit 1\n"
    )
    cargo.chmod(0o755)
    refusal(tree, CARGO=str(cargo))
    given = dict(re.findall("(?m)^(\\w+)=(.*)$", (tree / "given").read_text()))
    for variable in ("CFLAGS", "CXXFLAGS"):
        flags = given[variable].split()
        assert {"-fstack-protector-strong", "-D_FORTIFY_SOURCE=2"} <= set(flags)
        assert "-fno-omit-frame-pointer" in flags
        assert "-O1" not in flags
    assert given["CARGO_PROFILE_RELEASE_DEBUG"] == "line-tables-only"
    assert given["CARGO_PROFILE_RELEASE_STRIP"] == "none"
    assert os.path.isabs(given["CARGO_HOME"])
    assert not given["CARGO_HOME"].startswith("/nonexistent")
