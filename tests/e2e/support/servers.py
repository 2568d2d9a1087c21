"""The servers that the scenarios know, and all that differs between them.

A server is any program with the library in it. A scenario that one of them cannot run has its
reason here, under the name of its file or of a test in it.
"""

import fnmatch
import json
import mmap
import re
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

_ABOUT_THE_HOST = "about the reference host's own answers and protocol"
_LOG = "test_events_are_logged_by_the_thread_that_they_are_of.py::"
_OFF = "test_off_is_silence_from_start_to_end.py::"
_CUT = "test_off_at_run_time_cuts_a_hanging_attempt.py"


class Server(ABC):
    """One program, and what it is like."""

    # What it reports as its version.
    version: str
    # What it may have in a dbpath besides telemetry's file.
    own_files: ClassVar[Sequence[str]]
    # The options of any start.
    options: ClassVar[Sequence[str]]
    # Its exit codes if it cannot start: a bad option, a port or a dbpath that another server has.
    bad_option: ClassVar[int]
    port_taken: ClassVar[int]
    dbpath_locked: ClassVar[int]
    # How long an idle one takes to end, at most, in seconds.
    ends_within: ClassVar[float]
    # The ids of the events around the stop of telemetry.
    around_stop: ClassVar[tuple[int, int]]
    # Scenarios that it does not run, by file or test, and why.
    not_applicable: Mapping[str, str]

    def __init__(self, program: Path) -> None:
        self.program = program
        # Without it the server's own client delivers.
        self.has_built_in_client = _has(program, b"rustls")
        self.headers_of_its_client = (
            [] if self.has_built_in_client else [("connection", "keep-alive")]
        )

    def as_version(self, version: str) -> Sequence[str]:
        """Options that make it another version; none where it can be no other."""
        return []

    @abstractmethod
    def line_of_refusal(self, ended: subprocess.CompletedProcess[str]) -> str:
        """What one says that has refused to start, for its options; fails if it has not."""

    def reason_against(self, file: str, test: str) -> str | None:
        """Why it does not run a scenario, if it does not."""
        return self.not_applicable.get(f"{file}::{test}") or self.not_applicable.get(file)

    def files_of_telemetry(self, dbpath: Path) -> set[str]:
        """What is in the dbpath besides the server's own files."""

        def is_own(name: str) -> bool:
            return any(fnmatch.fnmatch(name, own) for own in self.own_files)

        return {path.name for path in dbpath.iterdir() if not is_own(path.name)}


class ReferenceHost(Server):
    """The small server of this repository."""

    own_files = ("mongod.lock",)
    options = ("--port", "0")
    bad_option, port_taken, dbpath_locked = 2, 2, 2
    ends_within = 1
    around_stop = 23377, 29901  # received a signal, telemetry stopped
    version = "4.4.26-25"

    def as_version(self, version: str) -> Sequence[str]:
        return ["--version", version]

    def line_of_refusal(self, ended: subprocess.CompletedProcess[str]) -> str:
        assert ended.returncode == self.bad_option, ended
        (line,) = ended.stderr.splitlines()
        return str(line)

    not_applicable = {
        "test_a_fault_is_handled_by_the_server.py": "has no handlers of its own for faults",
        "test_a_forked_server_with_a_configuration_file.py": "neither forks nor reads files",
        "test_a_replica_set_has_an_instance_for_each_member.py": "knows no replica sets",
        "test_diagnostic_data_names_no_instance.py": "captures no diagnostic data",
        "test_errors_are_worded_as_the_servers_own.py": "has no parameters of its own",
        f"{_LOG}test_no_verbosity_changes_or_hides_them": "has no verbosity",
        f"{_OFF}test_in_the_configuration_file": "reads no file",
        f"{_OFF}test_a_server_that_is_no_installation": "has no such modes",
        f"{_OFF}test_a_repair": "has no such mode",
        "test_who_may_read_and_who_may_switch.py": "has no access control",
    }


class Mongod(Server):
    """A mongod of 4.4 or 5.0."""

    own_files = (
        *("*.wt", "WiredTiger", "WiredTiger.lock", "WiredTiger.turtle", "storage.bson"),
        *("_tmp", "diagnostic.data", "journal", "key.db", "mongod.lock"),
    )
    options = (
        *("--port", "0", "--bind_ip", "127.0.0.1", "--nounixsocket"),
        *("--wiredTigerCacheSizeGB", "0.25"),
        # 2 MB for each dbpath, and not 300.
        *("--wiredTigerEngineConfigString", "log=(file_max=1MB,prealloc=false)"),
    )
    bad_option, port_taken, dbpath_locked = 2, 48, 100
    unknown_parameter: ClassVar[int] = 1
    ends_within = 5
    around_stop = 23381, 20562  # will terminate, going to close listening sockets

    def __init__(self, program: Path) -> None:
        super().__init__(program)
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
        found = re.search(r"db version v(\S+)", told.stdout)
        if found is None:
            raise ValueError(f"{program} is no mongod: its --version has no 'db version'")
        self.version = found[1]
        self.not_applicable = {
            "test_clients_meet_a_server_like_4_4.py": _ABOUT_THE_HOST,
            "test_garbage_closes_its_connection_and_nothing_else.py": _ABOUT_THE_HOST,
        }
        if not self.has_built_in_client:
            not_interrupted = "the server's own HTTP client cannot be interrupted"
            self.not_applicable[_CUT] = not_interrupted

    def line_of_refusal(self, ended: subprocess.CompletedProcess[str]) -> str:
        if ended.returncode == self.unknown_parameter:
            error = json.loads(ended.stdout.splitlines()[-1])["attr"]["error"]
            return f"{error['codeName']}: {error['errmsg']}"
        assert ended.returncode == self.bad_option, ended
        line, hint = ended.stderr.splitlines()
        assert hint.endswith("--help' for more information"), ended
        return str(line)


def server_of(program: Path) -> Server:
    """The server that a program is."""
    told = subprocess.run([program, "--help"], capture_output=True, text=True, check=True)
    return ReferenceHost(program) if told.stdout.startswith("telemetry-host") else Mongod(program)


def _has(program: Path, text: bytes) -> bool:
    with program.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as code:
        return code.find(text) >= 0
