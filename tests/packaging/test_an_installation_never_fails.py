"""Whatever is in the way: the maintainer script goes on, no link is followed, nothing is left."""

import os
import subprocess
from pathlib import Path

from support.places import OPT_OUT
from support.rights import is_root, need_namespaces
from support.shells import SHELLS, each_shell, host_file, remember, script

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
def test_a_link_where_the_folder_should_be_is_not_followed(shell: str, root: Path) -> None:
    elsewhere = root / "elsewhere"
    elsewhere.mkdir()
    for target in (elsewhere, root / "dangling"):
        (root / "etc/percona").symlink_to(target)
        goes_on_with_a_warning(remember(shell, root))
        (root / "etc/percona").unlink()
    assert list(elsewhere.iterdir()) == []
    assert not (root / "dangling").exists()


@each_shell
def test_a_link_planted_at_the_last_moment_is_not_followed(shell: str, root: Path) -> None:
    planted = f"""
        mkdir() {{
            command mkdir "$1"
            ln -s {root}/victim "$1/telemetry-disable"
        }}
        set -eu
        percona_telemetry_remember_opt_out x "$1"
    """
    script(shell, planted, {"PERCONA_TELEMETRY_DISABLE": "1"}, str(root))
    assert host_file(root).is_symlink()
    assert not (root / "victim").exists()


@each_shell
def test_a_read_only_etc(shell: str, root: Path) -> None:
    need_namespaces()
    user = [] if is_root() else ["--user", "--map-root-user"]
    mounted = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
    call = 'set -eu\npercona_telemetry_remember_opt_out x "$1"\necho "and on"'
    inside = [*SHELLS[shell], "-c", f"{OPT_OUT.read_text()}\n{call}", "sh", str(root)]
    run = subprocess.run(
        ["unshare", *user, "--mount", "sh", "-c", mounted, "sh", str(root), *inside],
        env={**os.environ, "PERCONA_TELEMETRY_DISABLE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    goes_on_with_a_warning(run)


@each_shell
def test_a_full_disk_leaves_an_empty_file_and_that_counts(shell: str, root: Path) -> None:
    """A limit on the size of files stands for the full disk."""
    limited = """
        trap '' XFSZ
        ulimit -f 0
        set -eu
        percona_telemetry_remember_opt_out x "$1"
    """
    run = script(shell, limited, {"PERCONA_TELEMETRY_DISABLE": "1"}, str(root))
    assert (run.returncode, run.stderr) == (0, "")
    assert host_file(root).read_bytes() == b""


@each_shell
def test_no_standard_streams_and_no_tools(shell: str, root: Path) -> None:
    for redirection in ("<&- >&- 2>&-", ">/dev/full 2>/dev/full"):
        text = f'set -eu\npercona_telemetry_remember_opt_out x "$1" {redirection}\nexit 7'
        run = script(shell, text, {"PERCONA_TELEMETRY_DISABLE": "1"}, str(root / "nothing"))
        assert run.returncode == 7
    text = 'set -eu\nPATH=/nothing\npercona_telemetry_remember_opt_out x "$1"\nexit 7'
    assert script(shell, text, {"PERCONA_TELEMETRY_DISABLE": "1"}, str(root)).returncode == 7


@each_shell
def test_a_terminal_that_went_away(shell: str, root: Path) -> None:
    """The warning meets a closed pipe, whose signal would end the script."""
    read, write = os.pipe()
    os.close(read)
    text = 'set -eu\npercona_telemetry_remember_opt_out x "$1" || :\nexit 7'
    variables = {"PERCONA_TELEMETRY_DISABLE": "1"}
    nowhere = str(root / "nothing")
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
    text = 'set -eu\npercona_telemetry_remember_opt_out x "$1"'
    script(shell, text, {"TMPDIR": str(temporary)}, str(root), cwd=temporary)
    assert host_file(root).exists()
    assert list(temporary.iterdir()) == []
    assert sorted(path.name for path in (root / "etc").iterdir()) == ["environment", "percona"]
