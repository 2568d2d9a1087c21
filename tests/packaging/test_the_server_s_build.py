"""The module in a build by SCons, with the real SConscript and build.py and a stand-in for the rest:
what is linked, and what the build asks for."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.places import ARCHIVE, REPOSITORY, SAMPLE
from support.rights import need_tool

# Shells, compilers and SCons, and no cargo, in no home.
WITHOUT_CARGO = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}


def documented_include() -> str:
    text = (REPOSITORY / "docs/integration.md").read_text()
    [code] = re.findall(r"```cpp\n( +#ifdef PERCONA_TELEMETRY_MODULE\n(?:.*\n)+?)\s*```", text)
    return str(code)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The server's tree with the library beside it, linked as packaging/README.md says."""
    need_tool("scons", "g++")
    tree = tmp_path / "tree"
    shutil.copytree(SAMPLE / "server", tree)
    main = tree / "src/mongo/db/db.cpp"
    text = main.read_text().replace("INCLUDE_OF_THE_DOCUMENTATION\n", documented_include())
    main.write_text(text)
    (tree / "psmdb-telemetry").symlink_to(REPOSITORY)
    modules = tree / "src/mongo/db/modules"
    modules.mkdir()
    (modules / "percona_telemetry").symlink_to("../../../../psmdb-telemetry/cpp/mongod")
    return tree


def scons(
    tree: Path, *arguments: str | Path, variables: dict[str, str] = {}
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["scons", "-Q", *arguments],
        cwd=tree,
        env={**WITHOUT_CARGO, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def has_telemetry(tree: Path) -> bool:
    listed = subprocess.run(
        ["nm", "-C", tree / "build/mongo/mongod"], capture_output=True, text=True, check=True
    )
    return "mongo::percona_telemetry::start()" in listed.stdout


def test_a_server_with_the_module(tree: Path) -> None:
    """A dry run: the module takes the server's own headers, of which `make test-mongod` has real ones."""
    run = scons(tree, "-n", f"--percona-telemetry-archive={ARCHIVE}", "build/mongo/mongod")
    assert run.returncode == 0, run.stdout
    [main] = [line for line in run.stdout.splitlines() if "-o build/mongo/db/db.o" in line]
    assert "-DPERCONA_TELEMETRY_MODULE" in main
    [link] = [line for line in run.stdout.splitlines() if "-o build/mongo/mongod " in line]
    assert "percona_telemetry" in link and str(ARCHIVE) in link, link


def test_a_server_that_leaves_the_module_out(tree: Path) -> None:
    """For plain tarballs: the folder is there."""
    run = scons(tree, "--modules=", "build/mongo/mongod")
    assert run.returncode == 0, run.stdout
    assert "skipping module: percona_telemetry" in run.stdout
    assert not has_telemetry(tree)


def test_a_server_without_the_module_s_folder(tree: Path) -> None:
    (tree / "src/mongo/db/modules/percona_telemetry").unlink()
    run = scons(tree, "build/mongo/mongod")
    assert run.returncode == 0, run.stdout
    assert not has_telemetry(tree)


@pytest.mark.parametrize("arguments", [["-c"], ["build/mongo/mongos"]], ids=["clean", "mongos"])
def test_what_needs_no_archive_needs_no_cargo(arguments: list[str], tree: Path) -> None:
    run = scons(tree, *arguments)
    assert run.returncode == 0, run.stdout


def test_cleaning_needs_nothing_of_what_a_build_needs(tree: Path) -> None:
    assert scons(tree, "-c", "--percona-telemetry-archive=/gone.a").returncode == 0
    module = tree / "src/mongo/db/modules/percona_telemetry"
    module.unlink()
    shutil.copytree(REPOSITORY / "cpp/mongod", module)
    assert scons(tree, "-c").returncode == 0
    run = scons(tree, "build/mongo/mongod")
    assert run.returncode != 0
    assert "link it instead of copying it" in run.stdout


def test_a_build_without_cargo_says_what_is_missing(tree: Path) -> None:
    run = scons(tree, "build/mongo/mongod")
    assert run.returncode != 0
    assert "build-archive: cargo is not found: put cargo on the PATH" in run.stdout


def test_the_server_s_flags_and_its_debug_package_reach_the_archive(tree: Path) -> None:
    """In a builder without a home. A stand-in for cargo notes what it is given, and fails."""
    cargo = tree / "cargo"
    cargo.write_text(f"#!/bin/sh\nenv >{tree}/given\nmkdir -p $CARGO_HOME\nexit 1\n")
    cargo.chmod(0o755)
    assert scons(tree, "build/mongo/mongod", variables={"CARGO": str(cargo)}).returncode != 0
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
