"""What holds for the server's own HTTP client as for the built-in one."""

from collections.abc import Callable

import pytest

from support.host import Launcher
from support.patience import wait_until
from support.receiver import Receiver
from support.servers import Server


@pytest.fixture
def proxy(make_receiver: Callable[..., Receiver]) -> Receiver:
    return make_receiver(answer=None)


def test_a_scheme_in_capitals_is_understood(start_host: Launcher, receiver: Receiver) -> None:
    host = start_host(receiver.url.replace("http://", "HTTP://"))
    receiver.next_request()
    host.wait_for("Telemetry report delivered")


def test_ipv6_loopback_is_loopback(
    start_host: Launcher, make_receiver: Callable[..., Receiver]
) -> None:
    try:
        receiver = make_receiver(address="::1")
    except OSError as error:
        pytest.skip(f"this machine has no IPv6: {error}")
    host = start_host(receiver.url)
    receiver.next_request()
    host.wait_for("Telemetry report delivered")
    host.stop()
    assert receiver.connection_count() == 1


def test_an_answer_without_an_end_ends_with_the_attempt(
    start_host: Launcher, make_receiver: Callable[..., Receiver]
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
    receiver = make_receiver(answer=head, is_endless=True)
    host = start_host(receiver.url, environment={"PERCONA_SEND_TIMEOUT": "1"})
    receiver.next_connection().wait_until_closed()
    # Whether that is an answer is the client's to say; it is never waited for without an end.
    assert host.status_with("lastAttempt")["attempts"] == 1
    host.stop()


@pytest.mark.parametrize("variable", ["https_proxy", "all_proxy"])
def test_https_goes_by_the_proxy_of_the_environment(
    start_host: Launcher, proxy: Receiver, variable: str
) -> None:
    environment = {variable: f"http://127.0.0.1:{proxy.port}"}
    start_host("https://telemetry.invalid/v1", environment=environment)
    asked = proxy.next_connection()
    wait_until(lambda: b"\r\n\r\n" in asked.received, "the proxy is asked")
    assert asked.received.startswith(b"CONNECT telemetry.invalid:443 HTTP/1.1\r\n")
    assert b"instanceId" not in asked.received


def test_a_host_that_no_proxy_names_is_asked_itself(
    start_host: Launcher, proxy: Receiver, receiver: Receiver
) -> None:
    address = f"http://127.0.0.1:{proxy.port}"
    environment = {"http_proxy": address, "all_proxy": address, "no_proxy": "127.0.0.1"}
    host = start_host(receiver.url, environment=environment)
    receiver.next_request()
    host.wait_for("Telemetry report delivered")
    assert proxy.connection_count() == 0


def test_plain_http_never_goes_through_a_proxy(
    server: Server, start_host: Launcher, proxy: Receiver, receiver: Receiver
) -> None:
    address = f"http://127.0.0.1:{proxy.port}"
    host = start_host(receiver.url, environment={"http_proxy": address, "ALL_PROXY": address})
    if server.has_built_in_client:
        host.wait_for("Telemetry report delivered")
    else:  # The server's own would use it, and cannot be told not to.
        assert "no_proxy" in host.wait_for("Telemetry failed").attributes["error"]
    assert proxy.connection_count() == 0
