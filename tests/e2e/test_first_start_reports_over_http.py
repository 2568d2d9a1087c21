"""The first start of a dbpath stores an identity and delivers one report, which it can show."""

import platform
import subprocess
import tomllib
from pathlib import Path

from support.host import Launcher
from support.places import CARGO_TOML
from support.receiver import Receiver
from support.reports import METRICS, body_by, body_of, identity, metrics
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
    report = ["instanceId", "reportId", "createTime", *METRICS]
    assert list(stored) == [*report, "sentAt", "PRODUCT_FAMILY_PSMDB"]
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

    assert body_of(status.pop("report")) == request.body
    assert status.pop("lastAttempt")
    assert status == {
        "enabled": True,
        "decidedBy": "default",
        "state": "sent",
        "instanceId": stored["instanceId"],
        "destination": receiver.url,
        "attempts": 1,
        "lastError": None,
        "nextAttempt": None,
        "sentAt": stored["sentAt"],
        "optOutStored": False,
    }
    assert receiver.connection_count() == 1


def test_a_grace_period_delays_the_report_and_changes_nothing_else(
    start_host: Launcher, receiver: Receiver, dbpath: Path
) -> None:
    host = start_host(receiver.url, parameters={"perconaTelemetryGracePeriod": "1"})
    request = receiver.next_request()
    host.wait_for("Telemetry report delivered")
    host.stop()
    assert [event.message for event in host.telemetrys()] == [
        "Telemetry enabled",
        "Telemetry report delivered",
    ]
    assert request.body == body_by(identity(dbpath))
