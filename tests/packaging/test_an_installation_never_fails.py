"""Whatever is in the way: the maintainer script goes on, no link is followed, nothing is left."""

import os
import subprocess
from pathlib import Path

import pytest
from support.rights import as_root, need_namespaces
from support.shells import each_shell, host_file, remember, script

CANNOT = "cannot be made. Make this file by hand.\n"


def goes_on_with_a_warning(run: subprocess.CompletedProcess[str]) -> None:
    assert (run.returncode, run.stdout) == (0, "and on\n")
    assert run.stderr.count("\n") == 1
    assert run.stderr.endswith(CANNOT)


@each_shell
def test_no_etc(shell: str, tmp_path: Path) -> None:
    goes_on_with_a_warning(remember(shell, tmp_path / "nothing"))


@each_shell
def test_a_file_where_the_folder_should_be(shell: str, root: Path) -> None:
    (root / "etc/percona").write_text("mine")
    goes_on_with_a_warning(remember(shell, root))
    assert (root / "etc/percona").read_text() == "mine"


@each_shell
@pytest.mark.parametrize("target", ["elsewhere", "dangling"])
def test_a_link_where_the_folder_should_be_is_not_followed(
    target: str, shell: str, root: Path
) -> None:
    (root / "elsewhere").mkdir()
    (root / "etc/percona").symlink_to(root / target)
    goes_on_with_a_warning(remember(shell, root))
    assert list((root / "elsewhere").iterdir()) == []
    assert not (root / "dangling").exists()


@each_shell
def test_a_link_planted_at_the_last_moment_is_not_followed(shell: str, root: Path) -> None:
    planted = f'mkdir() {{ command mkdir "$1"; ln -s {root}/victim "$1/telemetry-disable"; }}'
    remember(shell, root, before=planted)
    assert host_file(root).is_symlink()
    assert not (root / "victim").exists()


@each_shell
def test_a_read_only_etc(shell: str, root: Path) -> None:
    need_namespaces()
    mounted = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
    within = ["unshare", *as_root(), "--mount", "sh", "-c", mounted, "sh", str(root)]
    goes_on_with_a_warning(remember(shell, root, within=within))


@each_shell
def test_a_full_disk_leaves_an_empty_file_and_that_counts(shell: str, root: Path) -> None:
    """A limit on the size of files stands for the full disk."""
    run = remember(shell, root, before="trap '' XFSZ; ulimit -f 0")
    assert (run.returncode, run.stderr) == (0, "")
    assert host_file(root).read_bytes() == b""


@each_shell
@pytest.mark.parametrize(
    "missing", ["exec <&- >&- 2>&-", "exec >/dev/full 2>/dev/full", "PATH=/nothing"]
)
def test_no_standard_streams_and_no_tools(missing: str, shell: str, root: Path) -> None:
    """What the script itself says then fails, and no more than that."""
    ended = remember(shell, root / "nothing", before=missing).returncode
    assert ended == (0 if "PATH" in missing else 7)


@each_shell
def test_a_terminal_that_went_away(shell: str, root: Path) -> None:
    """The warning meets a closed pipe, whose signal would end the script."""
    read, write = os.pipe()
    os.close(read)
    text = 'set -eu\npercona_telemetry_remember_opt_out x "$1" || :\nexit 7'
    variables = {"PERCONA_TELEMETRY_DISABLE": "1"}
    nowhere = root / "nothing"
    run = script(
        shell, text, variables, nowhere, capture_output=False, stderr=write, restore_signals=True
    )
    os.close(write)
    assert run.returncode == 7


@each_shell
def test_nothing_is_left_in_temporary_folders(shell: str, root: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    (root / "etc/environment").write_text("PERCONA_TELEMETRY_DISABLE=1\n")
    remember(shell, root, None, environment={"TMPDIR": str(temporary)}, cwd=temporary)
    assert host_file(root).exists()
    assert list(temporary.iterdir()) == []
    assert sorted(path.name for path in (root / "etc").iterdir()) == ["environment", "percona"]
