"""What the server says of its own parameters, it says of telemetry's: both are asked in one run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.clients import refused
from support.host import Launcher, refusal
from support.servers import Server

OUR_REASON = '"maybe" is not a bool; expected true, false, 1 or 0'
OUR_REASON_FOR_A_TYPE = "a value of type array is not accepted: use a bool, a number or a string"


@pytest.fixture
def error_of(start_host: Launcher) -> Callable[[str, Any], dict[str, Any]]:
    """What setting a parameter at run time gives."""
    host = start_host(None, environment={"DO_NOT_TRACK": "1"})

    def error_of(name: str, value: Any) -> dict[str, Any]:
        with host.client() as client:
            return refused(client.admin, {"setParameter": 1, name: value})

    return error_of


def renamed(error: dict[str, Any], name: str, ours: str) -> dict[str, Any]:
    assert error["errmsg"].count(name) == 1, error
    return {**error, "errmsg": error["errmsg"].replace(name, ours)}


@pytest.mark.parametrize("ours", ["perconaTelemetryUrl", "perconaTelemetryGracePeriod"])
def test_one_for_start_up_only_set_at_run_time(
    error_of: Callable[[str, Any], dict[str, Any]], ours: str
) -> None:
    theirs = error_of("enableTestCommands", True)
    assert error_of(ours, True) == renamed(theirs, "enableTestCommands", ours)


@pytest.mark.parametrize(
    ("their_value", "their_reason", "value", "reason"),
    [
        (-5, "-5 is not greater than 0", "maybe", OUR_REASON),
        ("soon", "Unable to coerce value to integral type", [], OUR_REASON_FOR_A_TYPE),
    ],
)
def test_a_value_that_is_not_accepted_at_run_time(
    error_of: Callable[[str, Any], dict[str, Any]],
    their_value: Any,
    their_reason: str,
    value: Any,
    reason: str,
) -> None:
    """The sentence is the server's, the reason is the parameter's."""
    theirs = error_of("ttlMonitorSleepSecs", their_value)
    theirs = renamed(theirs, "ttlMonitorSleepSecs", "perconaTelemetry")
    assert theirs["errmsg"].endswith(f": {their_reason}")
    expected = theirs["errmsg"].removesuffix(their_reason) + reason
    assert error_of("perconaTelemetry", value) == {**theirs, "errmsg": expected}


def test_a_value_that_is_not_accepted_at_start_up(server: Server, dbpath: Path) -> None:
    def line(name: str) -> str:
        return refusal(server, ["--dbpath", str(dbpath), "--setParameter", f"{name}=maybe"])

    theirs = line("ttlMonitorEnabled").replace("ttlMonitorEnabled", "perconaTelemetry")
    their_reason = "Value is not a valid boolean"
    assert theirs.endswith(f": {their_reason}")
    assert line("perconaTelemetry") == theirs.removesuffix(their_reason) + OUR_REASON
