"""/etc/environment counts as well, and is read as pam_env reads it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.machine import Debian
from support.shells import each_shell, host_file, remember

NAME = "PERCONA_TELEMETRY_DISABLE"

# Values that the name is set to.
OFF_VALUES = (
    *("1", "'1'", '"true"', '"1', "1 # a comment", "0 # its space belongs to the value", '"0" '),
    *("0\r", " 0", '0"', '"0 "', '"0"0"', "$(touch pwned)", "`touch pwned`", "08", "=", "\\"),
    f"0\n{NAME}=1",
)
ON_VALUES = (
    *("", '""', '"', "0", "Off", "'no'", '"false', "\"0'", '"0#1"', "0#1"),
    *(f"1\n{NAME}=0", f"1\n{NAME}=", f"1\n{NAME}"),
)
OFF = [
    *[f"{NAME}={value}\n" for value in OFF_VALUES],
    *(f"{NAME}=1", f"  \t{NAME}=1\n", f"export {NAME}=yes\n", f"LANG=C\n{NAME}=1\nA=b\n"),
]
ON = [
    *[f"{NAME}={value}\n" for value in ON_VALUES],
    *("", "\n\n", f"#{NAME}=1\n", f" # {NAME}=1\n", f"{NAME} =1\n", f"export  {NAME}=1\n"),
    *(f"OTHER_{NAME}=1\n", f"{NAME}_OTHER=1\n", f"A={NAME}=1\n", f"{NAME[:-1]}=1\n", "\0\0\n"),
]
EVERYTHING = [(text, True) for text in OFF] + [(text, False) for text in ON]
each_text = pytest.mark.parametrize(
    ("text", "opts_out"), EVERYTHING, ids=[ascii(text).replace(NAME, "V") for text, _ in EVERYTHING]
)


@each_shell
@each_text
def test_in_maintainer_scripts(shell: str, text: str, opts_out: bool, root: Path) -> None:
    (root / "etc/environment").write_text(text, newline="")
    run = remember(shell, root, None, cwd=root)
    assert (run.stdout, run.stderr) == ("and on\n", "")
    assert host_file(root).exists() == opts_out
    assert not (root / "pwned").exists()


@each_shell
@pytest.mark.parametrize(
    ("variable", "line", "opts_out"),
    [("1", "0", True), ("0", "1", True), ("", "1", True), ("0", "0", False), (None, "1", True)],
)
def test_either_that_says_off_wins(
    shell: str, variable: str | None, line: str, opts_out: bool, root: Path
) -> None:
    (root / "etc/environment").write_text(f"{NAME}={line}\n")
    remember(shell, root, variable)
    assert host_file(root).exists() == opts_out


@each_shell
@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_file_says_nothing(make: Callable[[Path], None], shell: str, root: Path) -> None:
    make(root / "etc/environment")
    assert remember(shell, root, None, timeout=30).stderr == ""
    assert not host_file(root).exists()


@each_shell
def test_what_is_no_text_hides_no_line(shell: str, root: Path) -> None:
    (root / "etc/environment").write_bytes(b"\xff\xfe\0x\n" * 10000 + f"{NAME}=1".encode())
    assert remember(shell, root, None).stderr == ""
    assert host_file(root).exists()


def test_pam_env_itself_agrees(debian: Debian) -> None:
    """What a login gets from the same file; where pam_env and we differ, we take it as off."""
    (debian.place / "upper/srv/texts").mkdir(parents=True)
    for number, (text, _) in enumerate(EVERYTHING):
        (debian.place / f"upper/srv/texts/{number:02}").write_text(text, newline="")
    logins = f"""
        for text in /srv/texts/*; do
            cp "$text" /etc/environment
            su ann -c 'echo "[${{{NAME}-}}]"'
        done
    """
    values = debian.sh(logins).split("\n")[:-1]
    differ = [
        text
        for (text, opts_out), value in zip(EVERYTHING, values, strict=True)
        if opts_out != (value[1:-1].lower() not in ("", "0", "false", "no", "off"))
    ]
    # A backslash at the end of a line joins it with the next one in some releases, not in all.
    assert differ == [f"{NAME}=\\\n"]


@each_shell
def test_a_comment_that_is_no_text_is_a_comment(shell: str, root: Path) -> None:
    (root / "etc/environment").write_bytes(f"{NAME}=0#".encode() + b"\xff\n")
    remember(shell, root, None, environment={"LC_ALL": "C.UTF-8"})
    assert not host_file(root).exists()
