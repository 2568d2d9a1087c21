"""A server that sees other files than this machine has, in mounts of its own.

So no other server is affected, and nothing is left if a scenario is interrupted.
"""

import subprocess
from collections.abc import Sequence
from os.path import dirname

import pytest

from support.places import HOST_FILE

OWN_ETC_WITH_THE_FILE = f"mount -t tmpfs none /etc; mkdir {dirname(HOST_FILE)}; : >{HOST_FILE}"


def within(script: str) -> Sequence[str]:
    """A command that runs another after a script has mounted what it should see.

    Where that cannot be, the scenario is skipped.
    """
    command = ["unshare", "--mount", "--map-root-user", "sh", "-ec", f'{script}; exec "$@"', "sh"]
    tried = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"mounts of its own are not available here: {tried.stderr.strip()}")
    return command
