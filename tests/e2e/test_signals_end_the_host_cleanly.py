"""SIGTERM, SIGINT and the command end the host at once, with exit code 0."""

import signal
import time
from contextlib import closing

import pytest

from support.host import Launcher
from support.receiver import Receiver
from support.servers import Server
from support.wire import Wire, message


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_the_host_ends_at_once_while_a_client_is_connected(
    server: Server, start_host: Launcher, receiver: Receiver, by: signal.Signals
) -> None:
    host = start_host(receiver.url)
    host.wait_for("Telemetry report delivered")
    with closing(Wire(host.port)) as client:
        assert client.ask(message({"ping": 1}))["ok"] == 1
        seconds = host.stop(by)
    assert seconds < server.ends_within
    assert host.events("Received signal", signal=by.value)
    assert host.log[-1].is_about("Shutting down", {"exitCode": 0})


def test_the_command_ends_it_while_an_attempt_hangs(
    server: Server, start_host: Launcher, silent_receiver: Receiver
) -> None:
    host = start_host(silent_receiver.url)
    silent_receiver.next_request()
    begin = time.monotonic()
    with closing(Wire(host.port)) as client:
        client.send(message({"shutdown": 1}))
        assert host.wait_for_clean_end(begin) < server.ends_within
    assert host.log[-1].is_about("Shutting down", {"exitCode": 0})
