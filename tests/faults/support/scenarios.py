"""The starts that faults are put into, and the states that telemetry_uuid may be in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.receiver import OK
from support.reports import METRICS

FILE = "telemetry_uuid"
TEMPORARY = "telemetry_uuid.tmp"
CORRUPT = "telemetry_uuid.corrupt"
LOCK = "mongod.lock"

BUSY = b"HTTP/1.1 503 Busy\r\nRetry-After: 3600\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

# A line of somebody else's, which must survive.
NOTE = "note:kept\n"
STORED = (
    "instanceId:6aef422e-56a7-4530-af9d-94cc02198343\n"
    f"{NOTE}"
    "reportId:c416c3ee-48cd-471c-9733-37c2886f8231\n"
    "createTime:2023-11-01T10:46:23Z\n"
    "deployment:PACKAGE\n"
    "pillar_version:4.4.26-25\n"
    "OS:Oracle Linux Server 8.8\n"
    "hardware_arch:x86_64 x86_64\n"
)
LONG_AGO = "2023-11-01T11:46:23Z"
DEFERRED = f"{STORED}nextAttempt:{LONG_AGO}\n"
REPORTED = f"{STORED}sentAt:2023-11-01T10:46:24Z\nPRODUCT_FAMILY_PSMDB:1\n"
OPTED_OUT = "optOut:1\n"
GARBAGE = "instanceId:6aef422e-56a7-4530-af\n"

_REPORT = ("instanceId", "reportId", "createTime", *METRICS)
_MARK = ("sentAt", "PRODUCT_FAMILY_PSMDB")
_STATES = {
    _REPORT: "stored",
    (*_REPORT, "nextAttempt"): "deferred",
    (*_REPORT, *_MARK): "reported",
    (*_REPORT, "optOut"): "stored, opted out",
    (*_REPORT, *_MARK, "optOut"): "reported, opted out",
    ("optOut",): "opted out",
}

# The next attempt is deferred by a random time, which may be none: this start sends nothing anyway.
WAITING = {"perconaTelemetryGracePeriod": "3600"}


@dataclass(frozen=True)
class Scenario:
    """A start on a dbpath, what happens in it, and the states that its file goes through."""

    name: str
    before: str | None  # what telemetry_uuid holds
    states: tuple[str, ...]
    answer: bytes = OK  # what the endpoint says
    parameters: Mapping[str, str] = field(default_factory=dict)
    switch: bool | None = None  # what perconaTelemetry is set to at run time

    @property
    def waits(self) -> bool:
        """Whether the switch is thrown while the report waits for its time."""
        return self.switch is not None and self.parameters == WAITING

    def prepare(self, place: Path) -> Path:
        """A dbpath as it is before this scenario."""
        dbpath = place / "db"
        dbpath.mkdir(parents=True)
        if self.before is not None:
            (dbpath / FILE).write_text(self.before)
            (dbpath / FILE).chmod(0o600)
        return dbpath

    def state(self, dbpath: Path) -> str:
        """The state that the file is in, which must be one of this scenario's."""
        found = self._find(dbpath)
        assert found in self.states, f"'{found}' is not one of {self.states}"
        return found

    def _find(self, dbpath: Path) -> str:
        content = read(dbpath / FILE)
        aside = read(dbpath / CORRUPT)
        if self.before == GARBAGE:
            assert [content, aside].count(GARBAGE) == 1, f"{content!r}, quarantined: {aside!r}"
        else:
            assert aside is None, f"quarantined: {aside!r}"
        if content is None:
            return "nothing"
        if content == GARBAGE:
            return "garbage"
        assert (NOTE in content) == (NOTE in (self.before or "")), content
        lines = content.replace(NOTE, "").split("\n")
        assert lines.pop() == "", f"the last line is cut off: {content!r}"
        keys = tuple(line.split(":", 1)[0] for line in lines)
        assert keys in _STATES, f"neither the old state nor the new: {content!r}"
        return _STATES[keys]


def scenario_named(name: str) -> Scenario:
    """The scenario of this name."""
    return next(scenario for scenario in SCENARIOS if scenario.name == name)


def read(path: Path) -> str | None:
    """What a file holds, if it is there."""
    try:
        return path.read_text()
    except FileNotFoundError:
        return None


_WAITS: dict[str, Any] = {"parameters": WAITING}
_OPT_OUT: dict[str, Any] = {"parameters": {"perconaTelemetry": "false"}, "switch": False}
_OPT_IN = {**_OPT_OUT, "switch": True}

SCENARIOS = [
    Scenario("first start", None, ("nothing", "stored", "reported")),
    Scenario("retry", STORED, ("stored", "deferred", "reported")),
    Scenario("retry at its time", DEFERRED, ("deferred", "reported")),
    Scenario("retry deferred", STORED, ("stored", "deferred"), answer=BUSY),
    Scenario("corrupt file", GARBAGE, ("garbage", "nothing", "deferred"), **_WAITS),
    Scenario("opt-out", REPORTED, ("reported", "reported, opted out"), **_OPT_OUT),
    Scenario("opt-out before any id", None, ("nothing", "opted out"), **_OPT_OUT),
    Scenario(
        "opt-out while the report waits",
        None,
        ("nothing", "stored", "stored, opted out"),
        **_WAITS,
        switch=False,
    ),
    Scenario("opt-in", f"{REPORTED}{OPTED_OUT}", ("reported, opted out", "reported"), **_OPT_IN),
    # Where the report cannot be stored, the opt-in alone is.
    Scenario(
        "opt-in before any id", OPTED_OUT, ("opted out", "nothing", "stored", "reported"), **_OPT_IN
    ),
]
