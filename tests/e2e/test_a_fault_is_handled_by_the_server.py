"""A fault in the library's thread gets the server's own stack trace, as any of its own would."""

import ctypes
import platform
import signal
from pathlib import Path

import pytest

from support.host import Host, Launcher
from support.receiver import Receiver

# A trace, and that there is none to be had, as where the program was linked without its index.
TRACES = (31380, 31430, 31431)
TGKILL = {"x86_64": 234, "aarch64": 131}


def thread_named(host: Host, name: str) -> int:
    (task,) = (
        task
        for task in Path(f"/proc/{host.pid}/task").iterdir()
        if (task / "comm").read_text().strip() == name
    )
    return int(task.name)


@pytest.mark.parametrize("by", [signal.SIGSEGV, signal.SIGABRT])
def test_its_log_names_thread_and_signal(
    start_host: Launcher, silent_receiver: Receiver, by: signal.Signals
) -> None:
    host = start_host(silent_receiver.url)
    silent_receiver.next_request()
    thread = thread_named(host, "PsmdbTelemetry")
    assert ctypes.CDLL(None).syscall(TGKILL[platform.machine()], host.pid, thread, by) == 0
    assert host.wait_for_exit_code() == -by
    assert any(
        f"Got signal: {by.value}" in event.attributes.get("message", "")
        for event in host.log
        if (event.severity, event.context) == ("F", "PsmdbTelemetry")
    ), host.log_text()
    assert {event.context for event in host.log if event.id in TRACES} == {"PsmdbTelemetry"}
