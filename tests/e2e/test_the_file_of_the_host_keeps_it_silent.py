"""/etc/percona/telemetry-disable switches a host off, and wins over its clients.

The scenario gets an /etc of its own, so that no other server on this machine is switched off and
nothing is left there if it is interrupted.
"""

import subprocess
from pathlib import Path

import pytest

from support.clients import refused
from support.host import Launcher
from support.places import HOST_FILE
from support.receiver import Receiver
from support.servers import Server
from support.silence import expect_silence

OWN_MOUNTS = ["unshare", "--mount", "--map-root-user"]
OWN_ETC = [
    *OWN_MOUNTS,
    "sh",
    "-ec",
    f'mount -t tmpfs none /etc; mkdir {HOST_FILE.parent}; : >{HOST_FILE}; exec "$@"',
    "sh",
]


@pytest.fixture(autouse=True)
def need_own_mounts() -> None:
    tried = subprocess.run([*OWN_ETC, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"an /etc of its own is not to be had here: {tried.stderr.strip()}")


def test_no_file_no_thread_no_connection(
    server: Server, start_host: Launcher, receiver: Receiver, dbpath: Path
) -> None:
    host = start_host(receiver.url, within=OWN_ETC)
    expect_silence(server, host, receiver, dbpath, str(HOST_FILE))


def test_true_at_run_time_is_refused_with_the_name_of_the_file(
    start_host: Launcher, receiver: Receiver
) -> None:
    host = start_host(receiver.url, within=OWN_ETC)
    with host.client() as client:
        answer = refused(client.admin, {"setParameter": 1, "perconaTelemetry": True})
    assert (answer["code"], answer["codeName"]) == (2, "BadValue")
    assert str(HOST_FILE) in answer["errmsg"]
    host.stop()
    assert receiver.connection_count() == 0
