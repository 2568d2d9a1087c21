"""The first start of a dbpath stores an identity and delivers one report, which it can show."""

import platform
import subprocess
import tomllib
from pathlib import Path

from support.host import Launcher
from support.places import CARGO_TOML
from support.receiver import Receiver
from support.reports import body_by, body_of, identity, metrics
from support.servers import Server


def test_the_request_is_what_telemetry_uuid_holds_and_not_a_byte_more(
    server: Server, start_host: Launcher, receiver: Receiver, dbpath: Path
) -> None:
    host = start_host(receiver.url)
    request = receiver.next_request()
    host.wait_for("Telemetry report delivered")
    status = host.status()
    host.stop()

    stored = identity(dbpath)
    assert list(stored) == [
        "instanceId",
        "reportId",
        "createTime",
        "deployment",
        "pillar_version",
        "OS",
        "hardware_arch",
        "sentAt",
        "PRODUCT_FAMILY_PSMDB",
    ]
    assert stored["PRODUCT_FAMILY_PSMDB"] == "1"
    assert server.files_of_telemetry(dbpath) == {"telemetry_uuid"}

    version = tomllib.loads(CARGO_TOML.read_text())["package"]["version"]
    assert request.line == "POST /v1/telemetry HTTP/1.1"
    assert sorted(request.headers) == [
        *server.headers_of_its_client,
        ("content-length", str(len(request.body))),
        ("content-type", "application/json"),
        ("host", f"127.0.0.1:{receiver.port}"),
        ("user-agent", f"psmdb-telemetry/{version}"),
    ]
    assert request.body == body_by(stored)
    told = metrics(request.report)
    uname = subprocess.run(["uname", "-mp"], capture_output=True, text=True, check=True)
    assert told["hardware_arch"] == uname.stdout.strip()
    assert told["OS"] == platform.freedesktop_os_release()["PRETTY_NAME"]
    assert told["pillar_version"] == server.version

    assert list(status) == [
        "enabled",
        "decidedBy",
        "state",
        "instanceId",
        "destination",
        "report",
        "attempts",
        "lastAttempt",
        "lastError",
        "nextAttempt",
        "sentAt",
        "optOutStored",
    ]
    assert (status["enabled"], status["decidedBy"]) == (True, "default")
    assert (status["state"], status["attempts"]) == ("sent", 1)
    assert (status["lastError"], status["nextAttempt"]) == (None, None)
    assert status["instanceId"] == stored["instanceId"]
    assert status["destination"] == receiver.url
    assert (status["sentAt"], status["optOutStored"]) == (stored["sentAt"], False)
    assert body_of(status["report"]) == request.body
    assert receiver.connection_count() == 1


def test_what_an_image_says_of_itself_goes_before(start_host: Launcher, receiver: Receiver) -> None:
    environment = {
        "FULL_PERCONA_VERSION": "4.4.29-28.el9",
        "OS_VER": "Oracle Linux Server 9.4",
        "PERCONA_DEPLOYMENT_METHOD": "DOCKER",
    }
    start_host(receiver.url, environment=environment)
    told = metrics(receiver.next_request().report)
    assert (told["deployment"], told["OS"]) == ("DOCKER", "Oracle Linux Server 9.4")
