"""/etc/environment counts as well, and is read as pam_env reads it."""

import os
from pathlib import Path

import pytest
from support.machine import Debian
from support.shells import each_shell, host_file, remember, script

NAME = "PERCONA_TELEMETRY_DISABLE"

OFF = [
    f"{NAME}=1",
    f"{NAME}=1\n",
    f"  \t{NAME}=1\n",
    f"export {NAME}=yes\n",
    f"{NAME}='1'\n",
    f'{NAME}="true"\n',
    f'{NAME}="1\n',
    f"{NAME}=1 # a comment\n",
    f"{NAME}=0 # what is before the comment ends in a space\n",
    f'{NAME}="0" \n',
    f"{NAME}=0\r\n",
    f"{NAME}= 0\n",
    f'{NAME}=0"\n',
    f'{NAME}="0 "\n',
    f'{NAME}="0"0"\n',
    f"{NAME}=0\n{NAME}=1\n",
    f"LANG=C\n{NAME}=1\nA=b\n",
    f"{NAME}=$(touch pwned)\n",
    f"{NAME}=`touch pwned`\n",
    f"{NAME}=08\n",
    f"{NAME}==\n",
    f"{NAME}=\\\n",
]

ON = [
    "",
    "\n\n",
    f"{NAME}=\n",
    f'{NAME}=""\n',
    f'{NAME}="\n',
    f"{NAME}=0\n",
    f"{NAME}=Off\n",
    f"{NAME}='no'\n",
    f'{NAME}="false\n',
    f"{NAME}=\"0'\n",
    f'{NAME}="0#1"\n',
    f"{NAME}=0#1\n",
    f"{NAME}=1\n{NAME}=0\n",
    f"{NAME}=1\n{NAME}=\n",
    f"{NAME}=1\n{NAME}\n",
    f"#{NAME}=1\n",
    f" # {NAME}=1\n",
    f"{NAME} =1\n",
    f"export  {NAME}=1\n",
    f"OTHER_{NAME}=1\n",
    f"{NAME}_OTHER=1\n",
    f"A={NAME}=1\n",
    "PERCONA_TELEMETRY_DISABL=1\n",
    "\0\0\n",
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
def test_what_is_no_readable_file_says_nothing(shell: str, root: Path) -> None:
    (root / "etc/environment").mkdir()
    assert remember(shell, root, None).stderr == ""
    (root / "etc/environment").rmdir()
    os.mkfifo(root / "etc/environment")
    assert remember(shell, root, None, timeout=30).stderr == ""
    (root / "etc/environment").unlink()
    (root / "etc/environment").write_bytes(b"\xff\xfe\0x\n" * 10000 + f"{NAME}=1".encode())
    assert remember(shell, root, None).stderr == ""
    assert host_file(root).exists()


def test_pam_env_itself_agrees(tmp_path: Path) -> None:
    """What a login gets from the same file; where pam_env and we differ, we take it as off."""
    machine = Debian(tmp_path / "machine")
    (machine.place / "upper/srv/texts").mkdir(parents=True)
    for number, (text, _) in enumerate(EVERYTHING):
        (machine.place / f"upper/srv/texts/{number:02}").write_text(text, newline="")
    logins = f"""
        for text in /srv/texts/*; do
            cp "$text" /etc/environment
            su ann -c 'echo "[${{{NAME}-}}]"'
        done
    """
    values = machine.sh(logins).split("\n")[:-1]
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
    call = 'percona_telemetry_remember_opt_out x "$1"'
    script(shell, call, {"LC_ALL": "C.UTF-8"}, root)
    assert not host_file(root).exists()
