"""The shells that maintainer scripts run in: dash on Debian, bash as sh on Red Hat."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from .places import OPT_OUT
from .rights import need_tool

SHELLS = {"dash": ["dash"], "bash": ["bash", "--posix"]}
PACKAGE = "percona-server-mongodb-server"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

each_shell = pytest.mark.parametrize("shell", SHELLS)


def outcome(*command: str | Path, **options: Any) -> tuple[int, str]:
    """The exit code of a command, and what it prints on either stream."""
    both: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    run = subprocess.run(command, check=False, **both, **options)
    return run.returncode, run.stdout.decode(errors="replace")


def script(
    shell: str,
    text: str,
    environment: Mapping[str, str | bytes],
    *arguments: str | Path,
    within: Sequence[str] = (),
    capture_output: bool = True,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    """Runs a maintainer script in which the packager has included the functions."""
    need_tool(SHELLS[shell][0])
    run: subprocess.CompletedProcess[str] = subprocess.run(
        [*within, *SHELLS[shell], "-c", f"{OPT_OUT.read_text()}\n{text}", "script", *arguments],
        env={"PATH": PATH, **environment},
        capture_output=capture_output,
        text=True,
        check=False,
        **options,
    )
    return run


def remember(
    shell: str,
    root: Path,
    value: str | bytes | None = "1",
    *,
    before: str = "",
    environment: Mapping[str, str] = {},
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    """What preinst does, after something else; None leaves the variable unset."""
    given = {} if value is None else {"PERCONA_TELEMETRY_DISABLE": value}
    call = f'percona_telemetry_remember_opt_out {PACKAGE} "$1"\necho "and on" || exit 7'
    return script(shell, f"set -eu\n{before}\n{call}", {**environment, **given}, root, **options)


def line(package: str, why: str = "was installed with PERCONA_TELEMETRY_DISABLE") -> str:
    """What the host's file says."""
    return (
        f"Telemetry is off on this host: the package {package} {why}. No package removes this "
        "file. To switch telemetry on, remove it and restart mongod.\n"
    )


def host_root(root: Path) -> Path:
    """Makes a host's root folder, with an /etc and a running service manager."""
    (root / "etc").mkdir(parents=True)
    (root / "run/systemd/system").mkdir(parents=True)
    return root


def host_file(root: Path) -> Path:
    return root / "etc/percona/telemetry-disable"
