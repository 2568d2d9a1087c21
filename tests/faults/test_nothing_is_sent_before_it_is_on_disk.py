"""The order of what reaches the disk and the network, in each scenario: what a power failure can
still take away is not sent, and the file is only ever replaced as a whole. Only the mark that the
report was delivered may be appended to it, once the report was sent."""

import re
from pathlib import Path

import pytest
from support.counts import count
from support.host import Host
from support.runs import run
from support.scenarios import FILE, OPTED_OUT, REPORTED, SCENARIOS, TEMPORARY, Scenario
from support.tracing import Call, Trace, tracing_all

MARK = re.compile(r'"sentAt:[^\\]+\\nPRODUCT_FAMILY_PSMDB:1\\n", 51\)')


class Disk:
    """What a power failure would leave, as the calls tell."""

    def __init__(self) -> None:
        self.content_is_safe = False  # of the temporary file
        self.name_is_safe = False  # whether the file is found under its name
        self.saves = 0
        self.marks = 0
        self.connections = 0

    def take(self, call: Call) -> None:
        match call.name, call.files:
            case "openat", (name,) if name == FILE:
                is_mark = "O_RDWR|O_APPEND" in call.text and self.connections == 1
                assert is_mark or "O_RDONLY" in call.text, "the file itself is written to"
            case "write", (name,) if name == FILE:
                assert MARK.search(call.text), call.text
                self.marks += 1
            case "openat", (name,) if name == TEMPORARY and "O_PATH" not in call.text:
                assert "O_WRONLY|O_CREAT|O_EXCL" in call.text and "0600" in call.text
                self.content_is_safe = False
            case (("write" | "fchmod" | "ftruncate" | "pwrite64" | "writev"), (name,)):
                assert name == TEMPORARY, "the file itself is written to"
                self.content_is_safe = False
            case (("fsync" | "fdatasync"), (name,)) if name == TEMPORARY:
                self.content_is_safe = True
            case (("rename" | "renameat" | "renameat2"), (source, target)) if target == FILE:
                assert (source, self.content_is_safe) == (TEMPORARY, True)
                self.name_is_safe = False
                self.saves += 1
            case "fsync", ("",):
                self.name_is_safe = True
            case "connect", _ if "sin_port" in call.text:
                assert self.saves and self.name_is_safe, "sent before it is on disk"
                self.connections += 1
            case _:
                assert call.name not in ("unlink", "unlinkat", "truncate"), call


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_order(scenario: Scenario, tmp_path: Path) -> None:
    dbpath = scenario.prepare(tmp_path)
    outcome = run(scenario, dbpath, tracing_all(tmp_path / "trace"))
    disk = Disk()
    for call in Trace(tmp_path / "trace", dbpath, outcome.pid).calls:
        if call.files or call.name == "connect":
            disk.take(call)
            count("calls looked at for their order", scenario.name)
    assert disk.saves >= 1 and disk.marks <= 1
    assert disk.connections == len(outcome.requests)
    assert disk.name_is_safe


def test_an_opt_out_that_somebody_else_has_written_is_made_durable(tmp_path: Path) -> None:
    scenario = Scenario(
        "opt-out already there",
        f"{REPORTED}{OPTED_OUT}",
        ("reported, opted out",),
        parameters={"perconaTelemetry": "false"},
        switch=False,
    )
    dbpath = scenario.prepare(tmp_path)

    def wait_until_stored(host: Host) -> None:
        assert host.status_with("optOutStored")["optOutStored"] is True

    outcome = run(scenario, dbpath, tracing_all(tmp_path / "trace"), wait_until_stored)
    calls = Trace(tmp_path / "trace", dbpath, outcome.pid).calls
    assert [call.files for call in calls if call.name == "fsync"] == [(FILE,), ("",)]
