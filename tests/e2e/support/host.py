"""A server as a process: started, watched through its log, and always ended."""

import json
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pymongo

from support.log_events import expect_documented
from support.patience import PATIENCE, wait_until
from support.servers import Server
from support.wire import Wire, message

# What the design grants the end of telemetry, and the switch, while an attempt hangs.
STOP_BUDGET_MILLIS = 50.0

# How many lines of a host's log pytest shows where a scenario fails.
SHOWN = 50

# An attempt that hangs does so for as long as any scenario looks at it.
LONG_ATTEMPTS = {"PERCONA_SEND_TIMEOUT": "3600"}

# A host that should refuse to start, and does not, reaches no network.
_NOWHERE = {"PERCONA_TELEMETRY_URL": "file:///nonexistent"}


class Event:
    """One line of the log. It is a JSON document; whatever else it may be fails here."""

    def __init__(self, line: str) -> None:
        document = json.loads(line)
        self.line = line
        self.time = datetime.fromisoformat(document["t"]["$date"])
        self.severity: str = document["s"]
        self.component: str = document["c"]
        self.id: int = document["id"]
        self.context: str = document["ctx"]
        self.message: str = document["msg"]
        self.attributes: dict[str, Any] = document.get("attr", {})

    @property
    def is_telemetrys(self) -> bool:
        """Whether the library logged it, and not the host."""
        return 29800 <= self.id < 29830

    def is_about(self, what: int | str, attributes: Mapping[str, Any]) -> bool:
        """Whether this is its id or its message, and these are among its attributes."""
        return what in (self.id, self.message) and attributes.items() <= self.attributes.items()


class Host:
    """A server that runs. Nothing of our own environment is handed on to it."""

    def __init__(
        self, command: Sequence[str | bytes], environment: Mapping[str, str | bytes]
    ) -> None:
        self._errors = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            encoding="utf-8",
        )
        self._log: list[Event] = []
        self._log_ended = False
        self._logged = threading.Condition()
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def port(self) -> int:
        port: int = self.wait_for("Waiting for connections").attributes["port"]
        return port

    @property
    def log(self) -> list[Event]:
        """What it has logged until now."""
        with self._logged:
            return list(self._log)

    def events(self, *what: int | str, **attributes: Any) -> list[Event]:
        """Those until now with this id or message, or one of these, and with these attributes."""
        return [event for event in self.log if any(event.is_about(one, attributes) for one in what)]

    def telemetrys(self) -> list[Event]:
        """Those until now that are the library's."""
        return [event for event in self.log if event.is_telemetrys]

    def warnings(self) -> list[Event]:
        """The library's until now that are no mere information."""
        return [event for event in self.telemetrys() if event.severity != "I"]

    def wait_for(self, *what: int | str, **attributes: Any) -> Event:
        """Waits for an event with this id or message, or one of these, and returns the first."""
        with self._logged:
            self._logged.wait_for(
                lambda: self._log_ended or self.events(*what, **attributes), PATIENCE
            )
        found = self.events(*what, **attributes)
        assert found, f"no event '{what}' with {attributes} in the log:\n{self.log_text()}"
        return found[0]

    def millis_between(self, first: int, second: int) -> float:
        """How long the first event with an id was before the first with another, by the log."""
        (begin, *_), (end, *_) = self.events(first), self.events(second)
        return (end.time - begin.time).total_seconds() * 1000

    def log_text(self) -> str:
        """The log, to be shown."""
        return "\n".join(event.line for event in self.log)

    def client(self, **options: Any) -> pymongo.MongoClient[dict[str, Any]]:
        """A client with one connection, for `with`."""
        patience = {
            name: PATIENCE * 1000 for name in ("serverSelectionTimeoutMS", "socketTimeoutMS")
        }
        how = {"directConnection": True, "maxPoolSize": 1, **patience, **options}
        return pymongo.MongoClient("127.0.0.1", self.port, **how)

    def ask(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a command, without a driver."""
        with closing(Wire(self.port)) as wire:
            return wire.ask(message(command))

    def status(self) -> dict[str, Any]:
        """The value of perconaTelemetryStatus."""
        answer = self.ask({"getParameter": 1, "perconaTelemetryStatus": 1})
        status: dict[str, Any] = answer["perconaTelemetryStatus"]
        return status

    def status_with(self, field: str) -> dict[str, Any]:
        """The status as soon as it says something of `field`, which no line in the log tells."""
        wait_until(lambda: self.status()[field] is not None, f"the status has {field}")
        return self.status()

    def set_telemetry(self, on: bool) -> dict[str, Any]:
        """Sets perconaTelemetry at run time, and returns the answer."""
        return self.ask({"setParameter": 1, "perconaTelemetry": on})

    def opt_out(self) -> None:
        """Sets it to false, and waits until that is in the dbpath: a stop may come before."""
        self.set_telemetry(False)
        assert self.status_with("optOutStored")["optOutStored"] is True

    def thread_names(self) -> set[str]:
        names = set()
        for task in Path(f"/proc/{self.pid}/task").glob("*/comm"):
            with suppress(OSError):  # it may end while it is looked at
                names.add(task.read_text().strip())
        return names

    def stop(self, by: signal.Signals = signal.SIGTERM) -> float:
        """Stops it as an operator does, and expects a clean end. Returns how many seconds it took."""
        begin = time.monotonic()
        self._process.send_signal(by)
        return self.wait_for_clean_end(begin)

    def wait_for_clean_end(self, begin: float) -> float:
        """Waits until it has ended by itself, which is asked of it since `begin`: so many seconds."""
        code = self._process.wait(PATIENCE)
        seconds = time.monotonic() - begin
        self._reader.join(PATIENCE)
        self._errors.seek(0)
        complaints = self._errors.read()
        assert (code, complaints) == (0, ""), f"exit code {code}: {complaints}"
        return seconds

    def send_signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait_for_exit_code(self) -> int:
        """Waits until it has ended by itself, in whatever way."""
        code = self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def kill(self) -> None:
        """Ends it as a crash does. Harmless if it has ended."""
        self._process.kill()
        self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)

    def _read_log(self) -> None:
        assert self._process.stdout is not None
        try:
            with self._process.stdout as lines:
                for line in lines:
                    event = Event(line.rstrip("\n"))
                    with self._logged:
                        self._log.append(event)
                        self._logged.notify_all()
        finally:
            with self._logged:
                self._log_ended = True
                self._logged.notify_all()


class Launcher:
    """Starts hosts, and ends them all when it is closed."""

    def __init__(self, server: Server, dbpath: Path) -> None:
        self._server = server
        self._dbpath = dbpath
        self._hosts: list[Host] = []

    def __call__(
        self,
        url: str | None,
        *,
        dbpath: Path | None = None,
        parameters: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
        within: Sequence[str] = (),
        wait: bool = True,
    ) -> Host:
        """Starts a host that reports to `url`, and waits until it serves clients, if it should.

        No `url` is for hosts that send nothing: theirs is Percona's. `within` is a command
        that runs the host.
        """
        server = self._server
        command = [*within, str(server.program), "--dbpath", str(dbpath or self._dbpath)]
        command += [*server.options, *options]
        destination = {"perconaTelemetryUrl": url} if url is not None else {}
        for name, value in {**destination, **(parameters or {})}.items():
            command += ["--setParameter", f"{name}={value}"]
        host = Host(command, {**LONG_ATTEMPTS, **(environment or {})})
        self._hosts.append(host)
        if wait:
            host.wait_for("Waiting for connections")
        return host

    def close(self) -> None:
        """Ends them all; what the library logged is as documented."""
        for host in self._hosts:
            host.kill()
            shown = [event.line for event in host.log[-SHOWN:]]
            print(f"--- log of the host {host.pid}, its end", *shown, sep="\n")
        for host in self._hosts:
            for event in host.telemetrys():
                expect_documented(event)


def refusal(server: Server, options: Sequence[str]) -> str:
    """Starts a server that must refuse to for an option, and returns the line that says why."""
    ended = subprocess.run(
        [server.program, *options],
        capture_output=True,
        env=_NOWHERE,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return server.line_of_refusal(ended)
