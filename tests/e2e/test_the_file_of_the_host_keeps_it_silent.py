"""/etc/percona/telemetry-disable switches a host off, and wins over its clients.

The server gets an /etc of its own.
"""

from pathlib import Path

from support import mounts
from support.clients import refused
from support.host import Launcher
from support.places import HOST_FILE
from support.receiver import Receiver
from support.servers import Server
from support.silence import expect_silence

OWN_ETC = f"mount -t tmpfs none /etc; mkdir {HOST_FILE.parent}; : >{HOST_FILE}"


def test_no_file_no_thread_no_connection(
    server: Server, start_host: Launcher, receiver: Receiver, dbpath: Path
) -> None:
    host = start_host(receiver.url, within=mounts.within(OWN_ETC))
    expect_silence(server, host, receiver, dbpath, str(HOST_FILE))


def test_true_at_run_time_is_refused_with_the_name_of_the_file(
    start_host: Launcher, receiver: Receiver
) -> None:
    host = start_host(receiver.url, within=mounts.within(OWN_ETC))
    with host.client() as client:
        answer = refused(client.admin, {"setParameter": 1, "perconaTelemetry": True})
    assert (answer["code"], answer["codeName"]) == (2, "BadValue")
    assert str(HOST_FILE) in answer["errmsg"]
    host.stop()
    assert receiver.connection_count() == 0
