"""A life, lived with or without a fault, and the start after it."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from support.host import Event, Host
from support.lives import BUSY, CORRUPT, FILE, GARBAGE, LOCK, LONG_AGO, Life, read
from support.patience import PATIENCE
from support.places import HOST_PROGRAM
from support.receiver import Receiver, Request
from support.reports import body_by, identity
from support.tracing import Call, Trace, tracing
from support.wire import Wire, message

# What the log says when a life is over, one way or the other.
_ENDS = (
    "Telemetry report delivered",
    "Telemetry report delivered, but delivery not stored",
    "Telemetry report refused, will retry after a restart",
    "Telemetry enabled, report already delivered",
    "Telemetry failed",
    "Telemetry disabled until restart, opt-out not stored",
    "Telemetry opt-in not stored, a restart disables telemetry",
)


class Inbox(Receiver):
    """An endpoint that can be asked what has come until now."""

    def requests(self) -> list[Request]:
        return list(self._requests.queue)


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


def wait_until(what: Callable[[], bool], words: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, f"waited in vain until {words}"
        time.sleep(0.002)


def ask(host: Host, command: dict[str, Any]) -> dict[str, Any]:
    with closing(Wire(host.port)) as wire:
        return wire.ask(message(command))


def status(host: Host) -> dict[str, Any]:
    answer = ask(host, {"getParameter": 1, "perconaTelemetryStatus": 1})
    value: dict[str, Any] = answer["perconaTelemetryStatus"]
    return value


def throw_switch(host: Host, life: Life) -> None:
    """What a client does in this life."""
    if life.switch is None:
        return
    if life.waits:
        host.wait_for("Telemetry enabled")
    assert ask(host, {"setParameter": 1, "perconaTelemetry": life.switch})["ok"] == 1


def settle(host: Host, life: Life | None, dbpath: Path) -> None:
    """Waits until the library has done all that it does in a life, or in a start."""

    def is_waiting() -> bool:
        # The report of a new instance in place of a corrupt file waits as a retry does.
        in_place = has_quarantined(dbpath) and status(host)["nextAttempt"] is not None
        return bool(in_place or host.events("Telemetry report delivery failed, will retry"))

    def is_over() -> bool:
        if is_waiting() or any(event.message in _ENDS for event in host.log):
            return True
        if host.events("Telemetry disabled", decidedBy="optOut in telemetry_uuid"):
            return True
        # Nothing is said of an opt-out that was stored.
        is_opt_out = life is not None and life.switch is False
        return is_opt_out and life.state(dbpath) == life.states[-1]

    wait_until(is_over, "this life is over")
    if not is_waiting():
        wait_until(lambda: not _has_a_thread(host.pid), "the library's thread has ended")


def _has_a_thread(pid: int) -> bool:
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # it may end while it is looked at
            if (task / "comm").read_text().startswith("Psmdb"):
                return True
    return False


def stop(host: Host) -> None:
    """Ends it; nothing hangs here, so nothing is left behind."""
    ending = host.stop()
    assert ending.threads_ended, ending


@dataclass(frozen=True)
class Lived:
    """A life that was lived to its end."""

    pid: int
    status: dict[str, Any]
    warnings: list[str]
    requests: list[Request]


def live(
    life: Life,
    dbpath: Path,
    within: Sequence[str],
    look: Callable[[Host], None] = lambda running: None,
) -> Lived:
    """A life within a command that puts in faults that kill nobody: the server answers, and stops
    on time."""
    with closing(Inbox(life.answer)) as inbox:
        with host(dbpath, inbox.url, life.parameters, within) as running:
            throw_switch(running, life)
            settle(running, life, dbpath)
            seen = status(running)
            assert ask(running, {"ping": 1})["ok"] == 1
            look(running)
            stop(running)
        warnings = [_words(event) for event in running.warnings()]
        return Lived(running.pid, seen, warnings, inbox.requests())


def _words(event: Event) -> str:
    """Message and details of an event, to be searched."""
    return ": ".join([event.message, *map(str, event.attributes.values())])


def undisturbed(life: Life, place: Path) -> list[Call]:
    """The calls of a life without a fault, which are where faults can be put."""
    dbpath = life.prepare(place)
    lived = live(life, dbpath, tracing(place / "trace", dbpath))
    assert life.state(dbpath) == life.states[-1]
    assert not complaints(life, lived)
    return Trace(place / "trace", dbpath, lived.pid).calls


def complaints(life: Life, lived: Lived) -> list[str]:
    """The warnings, but for the one about a corrupt file."""
    moved = [line for line in lived.warnings if line.startswith("File telemetry_uuid quarantined")]
    assert len(moved) <= (1 if life.before == GARBAGE else 0)
    return [line for line in lived.warnings if line not in moved]


def crash(
    life: Life, dbpath: Path, inbox: Inbox, trace: Path, fault: str, within: Sequence[str] = ()
) -> Trace:
    """A life until a fault kills the server."""
    command = [*tracing(trace, dbpath, fault), *within]
    with host(dbpath, inbox.url, life.parameters, command) as running:
        # It may be dead before any of this.
        with suppress(ConnectionError, AssertionError):
            throw_switch(running, life)
            if life.answer == BUSY:  # its thread waits for its next attempt, until the server stops
                running.wait_for("Telemetry report delivery failed, will retry")
                os.kill(running.pid, signal.SIGTERM)
        return Trace(trace, dbpath, running.pid)


def start_again(life: Life, dbpath: Path, earlier: Sequence[Request]) -> None:
    """An ordinary start after a fault: it finds a state of this life, keeps what was durable, sends
    what was sent earlier or nothing, and leaves nothing behind."""
    found = life.state(dbpath)
    known = identity(dbpath) if found not in ("nothing", "garbage") else {}
    is_early = is_put_off(dbpath)
    # Nothing beside a file that was moved aside is what a fault right after that leaves.
    waits = is_early or found == "garbage" or (found == "nothing" and has_quarantined(dbpath))

    with closing(Inbox()) as inbox:
        with host(dbpath, inbox.url, {}) as running:
            if waits:
                running.wait_for("Telemetry enabled")
                assert status(running)["state"] == "waiting"
            else:
                settle(running, None, dbpath)
            assert ask(running, {"ping": 1})["ok"] == 1
            stop(running)
        requests = inbox.requests()

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
        start_again(life, dbpath, earlier)


def has_quarantined(dbpath: Path) -> bool:
    """Whether something was moved aside here, be it a link to nowhere."""
    return os.path.lexists(dbpath / CORRUPT)


def is_put_off(dbpath: Path) -> bool:
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
