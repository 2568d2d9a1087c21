"""The shells that maintainer scripts run in: dash on Debian, bash as sh on Red Hat."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from .places import OPT_OUT
from .rights import need_tool

SHELLS = {"dash": ["dash"], "bash": ["bash", "--posix"]}
PACKAGE = "percona-server-mongodb-server"
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

each_shell = pytest.mark.parametrize("shell", SHELLS)


def script(
    shell: str,
    text: str,
    environment: Mapping[str, str | bytes],
    *arguments: str,
    capture_output: bool = True,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    """Runs a maintainer script in which the packager has included the functions."""
    need_tool(SHELLS[shell][0])
    run: subprocess.CompletedProcess[str] = subprocess.run(
        [*SHELLS[shell], "-c", f"{OPT_OUT.read_text()}\n{text}", "script", *arguments],
        env={"PATH": PATH, **environment},
        capture_output=capture_output,
        text=True,
        check=False,
        **options,
    )
    return run


def remember(
    shell: str, root: Path, value: str | bytes | None = "1", **options: Any
) -> subprocess.CompletedProcess[str]:
    """What preinst does; None leaves the variable unset."""
    environment: dict[str, str | bytes]
    environment = {} if value is None else {"PERCONA_TELEMETRY_DISABLE": value}
    call = f'set -eu\npercona_telemetry_remember_opt_out {PACKAGE} "$1"\necho "and on"'
    return script(shell, call, environment, str(root), **options)


def host_root(root: Path) -> Path:
    """Makes a host's root folder, with an /etc and a running service manager."""
    (root / "etc").mkdir(parents=True)
    (root / "run/systemd/system").mkdir(parents=True)
    return root


def host_file(root: Path) -> Path:
    return root / "etc/percona/telemetry-disable"
