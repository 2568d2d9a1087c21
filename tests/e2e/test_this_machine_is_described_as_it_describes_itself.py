"""The report tells of this machine what its own tools say."""

import platform
import subprocess

from support.host import Launcher
from support.receiver import Receiver
from support.reports import metrics
from support.servers import Server


def test_the_os_is_that_of_os_release_and_the_hardware_that_of_uname(
    server: Server, start_host: Launcher, receiver: Receiver
) -> None:
    start_host(receiver.url)
    told = metrics(receiver.next_request().report)
    uname = subprocess.run(["uname", "-mp"], capture_output=True, text=True, check=True)
    assert told["hardware_arch"] == uname.stdout.strip()
    assert told["OS"] == platform.freedesktop_os_release()["PRETTY_NAME"]
    assert told["pillar_version"] == server.version


def test_what_an_image_says_of_itself_goes_before(start_host: Launcher, receiver: Receiver) -> None:
    environment = {
        "FULL_PERCONA_VERSION": "4.4.29-28.el9",
        "OS_VER": "Oracle Linux Server 9.4",
        "PERCONA_DEPLOYMENT_METHOD": "DOCKER",
    }
    start_host(receiver.url, environment=environment)
    told = metrics(receiver.next_request().report)
    assert (told["deployment"], told["OS"]) == ("DOCKER", "Oracle Linux Server 9.4")
