"""The reference host as a process: started, watched through its log, and always ended."""

import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymongo

from support.patience import PATIENCE
from support.places import HOST_PROGRAM

# What the design grants the end of telemetry, and the switch, while an attempt hangs.
STOP_BUDGET_MILLIS = 50.0

# How many lines of a host's log pytest shows where a scenario fails.
SHOWN = 50

# A host that should refuse to start, and does not, reaches no network.
_NOWHERE = {"PERCONA_TELEMETRY_URL": "file:///nonexistent"}


@dataclass(frozen=True)
class Ending:
    """How a host ended, with exit code 0 and no complaint."""

    seconds: float  # from the signal to the end
    telemetry_stop: str  # what the host's log says of it; empty if it says nothing

    @property
    def telemetry_stop_millis(self) -> float:
        found = re.search(r"took ([0-9.]+) ms", self.telemetry_stop)
        assert found, "the log does not say how long the stop of telemetry took"
        return float(found[1])


class Host:
    """A host that runs. Nothing of our own environment is handed on to it."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._errors = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            text=True,
            errors="backslashreplace",
        )
        self._log: list[str] = []
        self._log_ended = False
        self._logged = threading.Condition()
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def port(self) -> int:
        return int(self.wait_for("Waiting for connections on ").rsplit(":", 1)[1])

    @property
    def log(self) -> list[str]:
        """The lines until now."""
        with self._logged:
            return list(self._log)

    def lines(self, words: str) -> list[str]:
        """Those of the lines until now that hold these words."""
        return [line for line in self.log if words in line]

    def wait_for(self, words: str) -> str:
        """Waits for a line with these words in the log, and returns the first."""
        with self._logged:
            self._logged.wait_for(
                lambda: self._log_ended or any(words in line for line in self._log), PATIENCE
            )
        found = self.lines(words)
        assert found, f"no line with '{words}' in the log:\n" + "\n".join(self.log)
        return found[0]

    def client(self) -> closing[pymongo.MongoClient[dict[str, Any]]]:
        """A client with one connection, for `with`."""
        return closing(
            pymongo.MongoClient(
                "127.0.0.1",
                self.port,
                directConnection=True,
                maxPoolSize=1,
                serverSelectionTimeoutMS=PATIENCE * 1000,
                socketTimeoutMS=PATIENCE * 1000,
            )
        )

    def status(self) -> dict[str, Any]:
        """The value of perconaTelemetryStatus, as a new client gets it."""
        with self.client() as client:
            answer = client.admin.command("getParameter", 1, perconaTelemetryStatus=1)
        status: dict[str, Any] = answer["perconaTelemetryStatus"]
        return status

    def status_with(self, field: str) -> dict[str, Any]:
        """The status as soon as it says something of `field`, which no line in the log tells."""
        deadline = time.monotonic() + PATIENCE
        while (status := self.status())[field] is None:
            assert time.monotonic() < deadline, f"the status has no {field}: {status}"
        return status

    def set_telemetry(self, on: bool) -> dict[str, Any]:
        """Sets perconaTelemetry at run time, and returns the answer."""
        with self.client() as client:
            return client.admin.command("setParameter", 1, perconaTelemetry=on)

    def thread_names(self) -> set[str]:
        tasks = Path(f"/proc/{self.pid}/task").glob("*/comm")
        return {task.read_text().strip() for task in tasks}

    def stop(self, by: signal.Signals = signal.SIGTERM) -> Ending:
        """Stops it as an operator does, and expects a clean end."""
        begin = time.monotonic()
        self._process.send_signal(by)
        return self.wait_for_clean_end(begin)

    def wait_for_clean_end(self, begin: float) -> Ending:
        """Waits until it has ended by itself, which is asked of it since `begin`."""
        code = self._process.wait(PATIENCE)
        seconds = time.monotonic() - begin
        self._reader.join(PATIENCE)
        self._errors.seek(0)
        complaints = self._errors.read()
        assert (code, complaints) == (0, ""), f"exit code {code}: {complaints}"
        return Ending(seconds, "".join(self.lines("telemetry stop took")))

    def kill(self) -> None:
        """Ends it as a crash does. Harmless if it has ended."""
        self._process.kill()
        self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)

    def _read_log(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                with self._logged:
                    self._log.append(line.rstrip("\n"))
                    self._logged.notify_all()
        with self._logged:
            self._log_ended = True
            self._logged.notify_all()


class Launcher:
    """Starts hosts, and ends them all when it is closed."""

    def __init__(self, dbpath: Path) -> None:
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
    ) -> Host:
        """Starts a host that reports to `url`, and waits until it serves clients.

        No `url` is for hosts that send nothing: theirs is Percona's. `within` is a command
        that runs the host.
        """
        command = [*within, str(HOST_PROGRAM), "--dbpath", str(dbpath or self._dbpath)]
        command += ["--port", "0", *options]
        destination = {"perconaTelemetryUrl": url} if url is not None else {}
        for name, value in {**destination, **(parameters or {})}.items():
            command += ["--setParameter", f"{name}={value}"]
        host = Host(command, environment or {})
        self._hosts.append(host)
        host.wait_for("Waiting for connections on ")
        return host

    def close(self) -> None:
        for host in self._hosts:
            host.kill()
            print(f"--- log of the host {host.pid}, its end", *host.log[-SHOWN:], sep="\n")


def refusal(options: Sequence[str], program: Path = HOST_PROGRAM, **process: Any) -> str:
    """Starts a host that must refuse to, and returns the one line that says why."""
    ended = subprocess.run(
        [program, *options],
        capture_output=True,
        env=_NOWHERE,
        text=True,
        timeout=PATIENCE,
        check=False,
        **process,
    )
    assert ended.returncode == 2, ended
    (line,) = ended.stderr.splitlines()
    return str(line)
