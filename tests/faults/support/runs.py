"""A scenario, run with or without a fault, and the start after it."""

import os
import re
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from support.host import Event, Host
from support.patience import wait_until
from support.places import HOST_PROGRAM
from support.receiver import Receiver, Request
from support.reports import body_by, identity
from support.scenarios import BUSY, CORRUPT, FILE, GARBAGE, LOCK, LONG_AGO, WAITING, Scenario, read
from support.tracing import Call, Trace, tracing

# What the log says when a run is over, one way or the other.
_ENDS = (
    "Telemetry report delivered",
    "Telemetry report delivered, but delivery not stored",
    "Telemetry report refused, will retry after a restart",
    "Telemetry enabled, report already delivered",
    "Telemetry failed",
    "Telemetry disabled until restart, opt-out not stored",
    "Telemetry opt-in not stored, a restart may disable telemetry",
)


@contextmanager
def host(
    dbpath: Path, url: str, parameters: Mapping[str, str], within: Sequence[str] = ()
) -> Iterator[Host]:
    """A server that may not live for long."""
    command = [*within, str(HOST_PROGRAM), "--dbpath", str(dbpath), "--port", "0"]
    command += ["--stopDeadlineMillis", "5000"]  # one that is traced is slow
    for name, value in {"perconaTelemetryUrl": url, **parameters}.items():
        command += ["--setParameter", f"{name}={value}"]
    started = Host(command, {})
    try:
        yield started
    except AssertionError as error:
        error.add_note(started.log_text())
        raise
    finally:
        started.kill()


def set_switch(host: Host, scenario: Scenario) -> None:
    """What a client does in this scenario."""
    if scenario.switch is None:
        return
    if scenario.waits:
        host.wait_for("Telemetry enabled")
    assert host.set_telemetry(scenario.switch)["ok"] == 1


def settle(host: Host, scenario: Scenario | None, dbpath: Path) -> None:
    """Waits until the library has done all that it does in a scenario, or in a start."""

    def is_waiting() -> bool:
        # The report of a new instance in place of a corrupt file waits as a retry does.
        in_place = has_quarantined(dbpath) and host.status()["nextAttempt"] is not None
        return bool(in_place or host.events("Telemetry report delivery failed, will retry"))

    def is_over() -> bool:
        if is_waiting() or any(event.message in _ENDS for event in host.log):
            return True
        if host.events("Telemetry disabled", decidedBy="optOut in telemetry_uuid"):
            return True
        # Nothing is said of an opt-out that was stored.
        is_opt_out = scenario is not None and scenario.switch is False
        return is_opt_out and scenario.state(dbpath) == scenario.states[-1]

    wait_until(is_over, "this run is over")
    if not is_waiting():
        wait_until(
            lambda: not any(name.startswith("Psmdb") for name in host.thread_names()),
            "the library's thread has ended",
        )


def stop(host: Host) -> None:
    """Ends it; nothing hangs here, so no thread is detached."""
    host.stop()
    assert host.events("Telemetry stop returned", threadsEnded=True), host.log_text()


@dataclass(frozen=True)
class Outcome:
    """What came of a run to its end."""

    pid: int
    status: dict[str, Any]
    warnings: list[str]
    requests: list[Request]


def run(
    scenario: Scenario,
    dbpath: Path,
    within: Sequence[str],
    look: Callable[[Host], None] = lambda running: None,
) -> Outcome:
    """A run within a command that puts in faults that kill nobody: the server answers, and stops
    on time."""
    with closing(Receiver(scenario.answer)) as receiver:
        with host(dbpath, receiver.url, scenario.parameters, within) as running:
            set_switch(running, scenario)
            settle(running, scenario, dbpath)
            seen = running.status()
            look(running)
            stop(running)
        warnings = [_words(event) for event in running.warnings()]
        return Outcome(running.pid, seen, warnings, receiver.requests())


def _words(event: Event) -> str:
    """Message and details of an event, to be searched."""
    return ": ".join([event.message, *map(str, event.attributes.values())])


def traced_run(
    scenario: Scenario, dbpath: Path, *faults: str, within: Sequence[str] = ()
) -> tuple[Outcome, Trace]:
    """A run with faults that kill nobody, and its trace, which is kept beside the dbpath."""
    trace = dbpath.parent / "trace"
    outcome = run(scenario, dbpath, [*tracing(trace, dbpath, *faults), *within])
    return outcome, Trace(trace, dbpath, outcome.pid)


def with_umask(umask: str) -> list[str]:
    """A command that runs a server."""
    return ["/bin/sh", "-euc", f'umask {umask}; exec "$@"', "sh"]


def calls_of(scenario: Scenario, dbpath: Path, within: Sequence[str] = ()) -> list[Call]:
    """The calls of a run without a fault, which are where faults can be put."""
    outcome, trace = traced_run(scenario, dbpath, within=within)
    assert not complaints(scenario, outcome)
    return trace.calls


def undisturbed(scenario: Scenario, place: Path) -> list[Call]:
    """The calls of a run on the dbpath of its scenario."""
    dbpath = scenario.prepare(place)
    calls = calls_of(scenario, dbpath)
    assert scenario.state(dbpath) == scenario.states[-1]
    return calls


def complaints(scenario: Scenario, outcome: Outcome) -> list[str]:
    """The warnings, but for the one about a corrupt file."""
    words = "File telemetry_uuid quarantined"
    moved = [line for line in outcome.warnings if line.startswith(words)]
    assert len(moved) <= (1 if scenario.before == GARBAGE else 0)
    return [line for line in outcome.warnings if line not in moved]


def crash(
    scenario: Scenario,
    dbpath: Path,
    receiver: Receiver,
    trace: Path,
    call: Call,
    within: Sequence[str] = (),
) -> Trace:
    """A run until SIGKILL in a call."""
    fault = f"{call.name}:signal=SIGKILL:when={call.when}"
    command = [*tracing(trace, dbpath, fault), *within]
    with host(dbpath, receiver.url, scenario.parameters, command) as running:
        # It may be dead before any of this.
        with suppress(ConnectionError, AssertionError):
            set_switch(running, scenario)
            if scenario.answer == BUSY:  # its thread waits for the next attempt until the stop
                running.wait_for("Telemetry report delivery failed, will retry")
                os.kill(running.pid, signal.SIGTERM)
        killed = Trace(trace, dbpath, running.pid)
    assert killed.was_killed and str(killed.calls[-1]) == str(call)
    return killed


def start_again(scenario: Scenario, dbpath: Path, earlier: Sequence[Request]) -> None:
    """An ordinary start after a fault: it finds a state of this scenario, keeps what was durable,
    sends what was sent earlier or nothing, and leaves nothing behind."""
    found = scenario.state(dbpath)
    known = identity(dbpath) if found not in ("nothing", "garbage") else {}
    is_early = is_deferred(dbpath)
    # Nothing beside a file that was quarantined is what a fault right after that leaves.
    waits = is_early or found == "garbage" or (found == "nothing" and has_quarantined(dbpath))

    with closing(Receiver()) as receiver:
        with host(dbpath, receiver.url, WAITING if waits else {}) as running:
            if waits:
                running.wait_for("Telemetry enabled")
                assert running.status()["state"] == "waiting"
            else:
                settle(running, None, dbpath)
            assert running.ask({"ping": 1})["ok"] == 1
            stop(running)
        requests = receiver.requests()

    stored = identity(dbpath)
    if "opted out" in found or found == "reported" or is_early:
        assert not requests, f"'{found}', and yet it was sent"
        # A time more than a day ahead is taken for a clock's mistake, and cut.
        cut = {"nextAttempt": known["nextAttempt"]} if is_early else {}
        assert stored | cut == known, f"{known} became {stored}"
    elif waits:
        assert not requests, f"'{found}', and yet it was sent"
    else:
        assert len(requests) == 1, f"'{found}', and {len(requests)} requests were made"
        assert stored["PRODUCT_FAMILY_PSMDB"] == "1"
        known.pop("nextAttempt", None)
        assert known.items() <= stored.items(), f"{known} became {stored}"
    expect_one_report([*earlier, *requests], stored)
    expect_nothing_more(dbpath)
    if waits:  # and when its time has come, it is sent
        content = (dbpath / FILE).read_text()
        (dbpath / FILE).write_text(content.replace(stored["nextAttempt"], LONG_AGO))
        start_again(scenario, dbpath, earlier)


def has_quarantined(dbpath: Path) -> bool:
    """Whether something was quarantined here, be it a link to nowhere."""
    return os.path.lexists(dbpath / CORRUPT)


def is_deferred(dbpath: Path) -> bool:
    """Whether a start would only wait."""
    next_attempt = re.search("^nextAttempt:(.*)", read(dbpath / FILE) or "", re.MULTILINE)
    return bool(next_attempt) and datetime.fromisoformat(next_attempt[1]) > datetime.now(UTC)


def expect_one_report(requests: Sequence[Request], stored: dict[str, str]) -> None:
    """Whatever was sent, at any time, is the report that is stored."""
    allowed = {body_by(stored)} if "reportId" in stored else set()
    assert {request.body for request in requests} <= allowed, requests


def expect_nothing_more(dbpath: Path) -> None:
    """No file that a fault left."""
    names = {path.name for path in dbpath.iterdir()}
    assert names - {CORRUPT} <= {LOCK, FILE}, names
