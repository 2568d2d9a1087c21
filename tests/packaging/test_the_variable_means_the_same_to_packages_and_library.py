"""PERCONA_TELEMETRY_DISABLE: one table of values, read by the shell functions and the library."""

from pathlib import Path

import pytest
from support import server
from support.places import HOST_PROGRAM
from support.rights import need_no_opt_out_on_this_machine
from support.shells import each_shell, host_file, host_root, remember

ON: tuple[bytes, ...] = (
    *(b"", b"0", b"false", b"False", b"FALSE", b"fALSe"),
    *(b"no", b"No", b"NO", b"nO", b"off", b"Off", b"OFF", b"oFF"),
)

OFF: tuple[bytes, ...] = (
    *(b"1", b"true", b"TRUE", b"yes", b"on", b"ON", b"enabled", b"disabled", b"y", b"n", b"f"),
    # Numbers that arithmetic would fail on, or take for nought.
    *(b"08", b"00", b"-1", b"-0", b"+0", b"0x0", b"0.0", b"1+1", b"0;0"),
    # Nearly a word that counts.
    *(b" ", b"\t", b"\n", b" 0", b"0 ", b"0\n", b"\n0", b"0\r", b"false\n", b"no\n\n"),
    *(b"'0'", b'"0"', b"\\0", b"[0]", b"0|1", b"0)", b"nof", b"offf", b"fals", b"?", b"*", b"??"),
    # What somebody might try to run.
    *(b"$(touch pwned)", b"`touch pwned`", b";touch pwned", b"x[$(touch pwned)]", b"${PATH}"),
    *(b"a[$(touch pwned 1>&2)0]", b"$((1/0))", b"-e", b"-n", b"!", b"(", b"-f", b"--", b"= 0"),
    # Not ASCII, and not even text.
    *("ｏｆｆ".encode(), "０".encode(), "nо".encode(), b"\xff", b"0\xff", b"off\xc3"),
    b"x" * 10000,
)

EVERYTHING = [(value, True) for value in OFF] + [(value, False) for value in ON]
each_value = pytest.mark.parametrize(
    ("value", "opts_out"), EVERYTHING, ids=[ascii(value[:20]) for value, _ in EVERYTHING]
)


@each_shell
def test_in_maintainer_scripts(shell: str, tmp_path: Path) -> None:
    for number, (value, opts_out) in enumerate(EVERYTHING):
        root = host_root(tmp_path / str(number))
        run = remember(shell, root, value, cwd=tmp_path)
        assert (run.stdout, run.stderr) == ("and on\n", ""), value
        assert host_file(root).exists() == opts_out, value
    assert not (tmp_path / "pwned").exists()


@each_shell
def test_in_maintainer_scripts_in_a_language_with_other_letters(shell: str, root: Path) -> None:
    for language in ("tr_TR.UTF-8", "C.UTF-8", "en_US.ISO-8859-1"):
        remember(shell, root, "FALSE", environment={"LC_ALL": language})
        assert not host_file(root).exists()


@each_value
def test_in_the_library(value: bytes, opts_out: bool, tmp_path: Path) -> None:
    need_no_opt_out_on_this_machine()
    command = [str(HOST_PROGRAM), "--dbpath", str(tmp_path)]
    command += ["--setParameter", "perconaTelemetryGracePeriod=3600"]  # nothing is sent yet
    environment = {"PERCONA_TELEMETRY_DISABLE": value}
    host = server.live(command, environment, server.DISABLED, "Telemetry enabled")
    off = server.off_by("PERCONA_TELEMETRY_DISABLE")
    assert (server.said(host) == off) == opts_out
    assert len(server.said(host)) == 1
