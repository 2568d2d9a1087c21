"""What the functions leave on a host, and what they leave alone."""

import os
import stat
from pathlib import Path

import pytest
from support.shells import PACKAGE, each_shell, host_file, line, remember, script


@each_shell
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o027, 0o077, 0o777])
def test_one_line_that_everybody_may_read_whatever_the_umask(
    shell: str, umask: int, root: Path
) -> None:
    run = remember(shell, root, umask=umask)
    assert (run.returncode, run.stdout, run.stderr) == (0, "and on\n", "")
    assert host_file(root).read_text() == line(PACKAGE)
    assert stat.S_IMODE(host_file(root).stat().st_mode) == 0o644
    assert stat.S_IMODE(host_file(root).parent.stat().st_mode) == 0o755
    assert [path.name for path in host_file(root).parent.iterdir()] == ["telemetry-disable"]


@each_shell
def test_without_the_variable_nothing_is_made(shell: str, root: Path) -> None:
    """DO_NOT_TRACK is for the server's environment, and not for the installation."""
    assert remember(shell, root, None, environment={"DO_NOT_TRACK": "1"}).returncode == 0
    assert list((root / "etc").iterdir()) == []


@each_shell
@pytest.mark.parametrize("value", ["1", "0", None])
def test_a_choice_that_is_there_stays_as_it_is(shell: str, value: str | None, root: Path) -> None:
    host_file(root).parent.mkdir()
    host_file(root).write_text("ours\n")
    host_file(root).chmod(0o600)
    os.utime(host_file(root), (1, 1))
    before = host_file(root).stat()
    assert remember(shell, root, value).stderr == ""
    assert host_file(root).read_text() == "ours\n"
    after = host_file(root).stat()
    assert (after.st_mode, after.st_ino) == (before.st_mode, before.st_ino)
    assert after.st_mtime == 1


@each_shell
def test_a_choice_that_is_a_folder_or_a_dangling_link_is_a_choice(shell: str, root: Path) -> None:
    host_file(root).mkdir(parents=True)
    assert remember(shell, root).stderr == ""
    host_file(root).rmdir()
    host_file(root).symlink_to(root / "victim")
    assert remember(shell, root).stderr == ""
    assert host_file(root).is_symlink()
    assert not (root / "victim").exists()


@each_shell
def test_a_choice_behind_a_link_is_a_choice(shell: str, root: Path) -> None:
    """A link is not followed to write, but the server looks behind it."""
    (root / "ours").mkdir()
    (root / "ours/telemetry-disable").touch()
    (root / "etc/percona").symlink_to(root / "ours")
    assert remember(shell, root).stderr == ""


@each_shell
def test_the_script_around_it_keeps_its_variables_options_and_folder(
    shell: str, root: Path
) -> None:
    """Also under set -eu with all its traps, and its umask."""
    around = f"""
        set -eu
        umask 027
        cd /
        file=mine folder=mine
        unset LC_ALL
        trap 'echo left' EXIT
        before="$(umask) $- $PWD $(set -o)"
        percona_telemetry_remember_opt_out {PACKAGE} "$1"
        [ "$before" = "$(umask) $- $PWD $(set -o)" ]
        echo "$file $folder ${{LC_ALL-unset}}"
    """
    run = script(shell, around, {"PERCONA_TELEMETRY_DISABLE": "1"}, root)
    assert (run.returncode, run.stdout, run.stderr) == (0, "mine mine unset\nleft\n", "")
