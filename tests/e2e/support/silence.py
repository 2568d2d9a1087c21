"""What a host does that is switched off: nothing."""

from pathlib import Path

from support.host import Host
from support.receiver import Receiver
from support.reports import METRICS
from support.servers import Server


def expect_silence(
    server: Server, host: Host, receiver: Receiver, dbpath: Path, switch: str
) -> None:
    """Expects that `switch` keeps the host silent from its start to its end; ends it."""
    host.wait_for("Telemetry disabled", decidedBy=switch)
    assert "PsmdbTelemetry" not in host.thread_names()

    status = host.status()
    assert (status["enabled"], status["decidedBy"]) == (False, switch)
    assert (status["state"], status["attempts"]) == ("off", 0)
    assert status["instanceId"] is None
    report = status["report"]
    assert (report["id"], report["instanceId"], report["createTime"]) == (None, None, None)
    assert [metric["key"] for metric in report["metrics"]] == list(METRICS)

    host.stop()
    assert server.files_of_telemetry(dbpath) == set()
    assert receiver.connection_count() == 0
    assert len(host.telemetrys()) == 1
