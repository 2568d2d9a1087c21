"""Images that are built and containers that are run by an engine: the promised command, as it
stands but for a network and two limits."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from podman import ARG, CHECK, Container, build

Start = Callable[..., Container]
OFF = ("-e", "PERCONA_TELEMETRY_DISABLE=1")
DELIVERED = "Telemetry report delivered"
DISABLED = "Telemetry disabled"


def said(container: Container, severities: str = "IWE") -> list[str]:
    """What the library logged."""
    log = [event for event in container.log() if 29800 <= event["id"] < 29830]
    return [event["msg"] for event in log if event["s"] in severities]


def warnings(container: Container) -> list[str]:
    return said(container, "WE")


def test_the_promised_command_is_off(image: str, start: Start) -> None:
    container = start(image, *OFF)
    container.wait_for(DISABLED)
    [event] = [event for event in container.log() if event["msg"] == DISABLED]
    assert event["attr"] == {"decidedBy": "PERCONA_TELEMETRY_DISABLE"}
    assert said(container) == [DISABLED]
    assert "telemetry_uuid" not in container.shell("ls /data/db")
    assert container.reports() == []


def test_without_the_variable_it_reports_once_as_docker(image: str, start: Start) -> None:
    container = start(image)
    container.wait_for(DELIVERED)
    assert "deployment:DOCKER\n" in container.identity()
    assert "OS:el8\n" in container.identity()
    assert len(container.reports()) == 1
    assert warnings(container) == []


@pytest.mark.parametrize("value", ["1", "0", None])
def test_an_image_built_with_the_arg_leaves_the_choice_to_its_users(
    value: str | None, image_with_arg: str, start: Start
) -> None:
    options = [] if value is None else ["-e", f"PERCONA_TELEMETRY_DISABLE={value}"]
    container = start(image_with_arg, *options)
    off = value == "1"
    container.wait_for(DISABLED if off else DELIVERED)
    assert len(container.reports()) == (0 if off else 1)


def test_the_check_fails_the_build_of_an_image_with_the_arg(package: Path, tmp_path: Path) -> None:
    log = build("localhost/psmdb-wrong", package, tmp_path / "build", ARG, CHECK, fails=True)
    assert "PERCONA_TELEMETRY_DISABLE is not remembered in an image of Percona's" in log
    assert "check-image: PERCONA_TELEMETRY_DISABLE is set" in log


@pytest.mark.parametrize("options", [(), OFF], ids=["on", "off"])
def test_a_read_only_root_with_a_volume(options: tuple[str, ...], image: str, start: Start) -> None:
    container = start(image, "--read-only", *options)
    container.wait_for(DISABLED if options else DELIVERED)
    assert warnings(container) == []
    assert len(container.reports()) == (0 if options else 1)


@pytest.mark.parametrize("options", [(), OFF], ids=["on", "off"])
def test_an_arbitrary_user(options: tuple[str, ...], image: str, start: Start) -> None:
    container = start(image, "--user", "1000620000:0", *options)
    container.wait_for(DISABLED if options else DELIVERED)
    assert warnings(container) == []
    assert len(container.reports()) == (0 if options else 1)


@pytest.mark.parametrize("options", [(), OFF], ids=["on", "off"])
def test_an_entrypoint_that_starts_a_temporary_server_first(
    options: tuple[str, ...], image: str, start: Start
) -> None:
    container = start(image, "-e", "PREPARE=1", *options)
    container.wait_for("Waiting for connections", times=2)
    if options:
        container.wait_for(DISABLED, times=2)
        assert container.reports() == []
    else:
        container.wait_for("Telemetry enabled, report already delivered")
        assert said(container).count(DELIVERED) == 1
        assert len(container.reports()) == 1


@pytest.mark.parametrize("options", [(), OFF], ids=["on", "off"])
def test_a_server_that_is_killed_and_restarted(
    options: tuple[str, ...], image: str, start: Start
) -> None:
    """One identity and one report, however often."""
    container = start(image, *options)
    container.wait_for(DISABLED if options else DELIVERED)
    before = "" if options else container.identity()
    for times in (2, 3):
        os.kill(int(container.inspect(".State.Pid")), signal.SIGKILL)
        container.wait_for("Waiting for connections", times=times)
    if options:
        container.wait_for(DISABLED, times=3)
        assert container.reports() == []
    else:
        container.wait_for("Telemetry enabled, report already delivered", times=2)
        assert container.identity() == before
        assert len(container.reports()) == 1
