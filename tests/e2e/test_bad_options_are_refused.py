"""A value on the command line that makes no sense gets one line that says what would."""

from pathlib import Path

import pytest

from support.host import refusal
from support.servers import Server

URL_HINT = ("perconaTelemetryUrl", "https://")
BOOL_HINT = ("perconaTelemetry", "true, false, 1 or 0")
SECONDS_HINT = ("perconaTelemetryGracePeriod", "from 0 to 604800")


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("noSuch=1", "BadValue: Unknown --setParameter 'noSuch'"),
        (
            "perconaTelemetryStatus=1",
            'BadValue: Cannot use --setParameter to set "perconaTelemetryStatus" at startup',
        ),
    ],
)
def test_parameters_that_cannot_be_set_are_refused_as_by_mongod(
    server: Server, dbpath: Path, setting: str, line: str
) -> None:
    assert refusal(server, ["--dbpath", str(dbpath), "--setParameter", setting]) == line
    assert list(dbpath.iterdir()) == []


@pytest.mark.parametrize(
    ("setting", "hints"),
    [
        ("perconaTelemetry=maybe", BOOL_HINT),
        ("perconaTelemetry=True", BOOL_HINT),
        ("perconaTelemetry=2", BOOL_HINT),
        ("perconaTelemetry=", BOOL_HINT),
        ("perconaTelemetryGracePeriod=soon", SECONDS_HINT),
        ("perconaTelemetryGracePeriod=604801", SECONDS_HINT),
        ("perconaTelemetryGracePeriod=-5", SECONDS_HINT),
        ("perconaTelemetryGracePeriod=1.5", SECONDS_HINT),
        ("perconaTelemetryUrl=telemetry", URL_HINT),
        ("perconaTelemetryUrl=gopher://localhost", URL_HINT),
        ("perconaTelemetryUrl=http://192.0.2.1/", (*URL_HINT[:1], "use https")),
        ("perconaTelemetryUrl=file://folder", (*URL_HINT[:1], "file:///")),
        ("perconaTelemetryUrl=https://me:secret@localhost/", (*URL_HINT[:1], "leave them out")),
    ],
)
def test_values_that_a_parameter_does_not_take(
    server: Server, dbpath: Path, setting: str, hints: tuple[str, ...]
) -> None:
    line = refusal(server, ["--dbpath", str(dbpath), "--setParameter", setting])
    assert line.startswith("BadValue: ")
    assert all(hint in line for hint in hints), line
    assert "secret" not in line
    assert list(dbpath.iterdir()) == []
