"""A write that takes a part only, a limit or a disk that is full in the middle of it, and a crash
there: the file is whole, or is not there."""

import errno
import os
from contextlib import closing
from pathlib import Path

import pytest
from support import mounts
from support.counts import count
from support.host import Host
from support.places import REPOSITORY
from support.pool import for_each
from support.receiver import Receiver
from support.runs import Outcome, calls_of, crash, expect_nothing_more, run, start_again
from support.scenarios import DEFERRED, FILE, LOCK, SCENARIOS, Scenario, scenario_named
from support.tracing import Call

BYTE_BY_BYTE = ["/usr/bin/env", f"LD_PRELOAD={REPOSITORY / 'build/faults/short.so'}"]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_it_is_completed(scenario: Scenario, tmp_path: Path) -> None:
    dbpath = scenario.prepare(tmp_path)
    calls = calls_of(scenario, dbpath, BYTE_BY_BYTE)
    written = [call for call in calls if call.name == "write"]
    assert all(call.result == "1" for call in written)
    assert len(written) >= (dbpath / FILE).stat().st_size
    assert scenario.state(dbpath) == scenario.states[-1]
    expect_nothing_more(dbpath)
    count("short writes", scenario.name, len(written))


def test_a_crash_in_the_middle_of_it(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    scenario = scenario_named("opt-out")
    calls = calls_of(scenario, scenario.prepare(tmp_path / "whole"), BYTE_BY_BYTE)
    written = [call for call in calls if call.name == "write"]

    def check(call: Call, place: Path) -> None:
        dbpath = scenario.prepare(place)
        with closing(Receiver()) as receiver:
            crash(scenario, dbpath, receiver, place / "trace", call, within=BYTE_BY_BYTE)
        assert (dbpath / f"{FILE}.tmp").stat().st_size == call.when - 1
        assert scenario.state(dbpath) == scenario.states[0]
        start_again(scenario, dbpath, receiver.requests())
        count("crash points", "in the middle of a write")

    step = 1 if pytestconfig.getoption("everything") else 20
    for_each(written[::step], tmp_path, check)


def test_a_file_may_not_be_as_long(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """The kernel takes what fits, and refuses the rest."""
    scenario = scenario_named("retry")
    whole = scenario.prepare(tmp_path / "whole")
    run(scenario, whole, [])
    deferred, reported = len(DEFERRED), (whole / FILE).stat().st_size

    def check(limit: int, place: Path) -> None:
        dbpath = scenario.prepare(place)
        outcome = run(scenario, dbpath, ["prlimit", f"--fsize={limit}"])
        expect_nothing_more(dbpath)
        if limit < reported:
            state, requests = ("failed", 0) if limit < deferred else ("sent", 1)
            _expect_no_room(outcome, state, requests, "File too large")
            assert scenario.state(dbpath) == ("stored" if limit < deferred else "deferred")
        else:
            assert scenario.state(dbpath) == scenario.states[-1]
        start_again(scenario, dbpath, outcome.requests)
        count("short writes", "up to a limit")

    # The server's own lock takes a few bytes, too.
    step = 1 if pytestconfig.getoption("everything") else 16
    edges = {deferred - 1, deferred, reported - 1, reported}
    for_each(sorted({*range(10, reported, step), *edges}), tmp_path, check)


def _expect_no_room(outcome: Outcome, state: str, requests: int, error: str) -> None:
    assert (outcome.status["state"], len(outcome.requests)) == (state, requests), outcome.status
    [warning] = outcome.warnings
    assert f"cannot be written ({error}" in outcome.status["lastError"], outcome.status
    assert outcome.status["lastError"] in warning


# Each file takes a page, each name an inode; the lock has the first of both, the folder an inode. The
# mark of the delivery takes neither.
@pytest.mark.parametrize(
    ("room", "is_enough"),
    [("size=4k", False), ("size=8k", True), ("nr_inodes=2", False), ("nr_inodes=3", True)],
)
def test_a_disk_that_is_full(room: str, is_enough: bool, tmp_path: Path) -> None:
    scenario = scenario_named("first start")
    dbpath = scenario.prepare(tmp_path)
    own_disk = mounts.within(f'mount -t tmpfs -o {room} none "{dbpath}"')
    names: set[str] = set()

    def look(running: Host) -> None:  # the server alone sees what is mounted there
        names.update(os.listdir(f"/proc/{running.pid}/root{dbpath}"))

    outcome = run(scenario, dbpath, own_disk, look)
    if is_enough:
        assert (outcome.status["state"], outcome.warnings) == ("sent", [])
    else:
        _expect_no_room(outcome, "failed", 0, os.strerror(errno.ENOSPC))
    assert names == ({LOCK, FILE} if is_enough else {LOCK})
    count("full disks", room)
