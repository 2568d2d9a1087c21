"""A write that takes a part only, a limit or a disk that is full in the middle of it, and a crash
there: the file is whole, or is not there."""

import errno
import os
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from support.counts import count
from support.host import Host
from support.lives import FILE, LIVES, LOCK, PUT_OFF, Life, life_named
from support.places import PROJECT
from support.pool import for_each
from support.runs import (
    Inbox,
    Lived,
    complaints,
    crash,
    expect_nothing_more,
    live,
    start_again,
)
from support.tracing import Call, Trace, need_strace, tracing

BYTE_BY_BYTE = ["/usr/bin/env", f"LD_PRELOAD={PROJECT / 'build/faults/short.so'}"]


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_it_is_completed(life: Life, tmp_path: Path) -> None:
    dbpath = life.prepare(tmp_path)
    calls = _byte_by_byte(life, dbpath, tmp_path)
    written = [call for call in calls if call.name == "write"]
    assert all(call.result == "1" for call in written)
    assert len(written) >= (dbpath / FILE).stat().st_size
    assert life.state(dbpath) == life.states[-1]
    expect_nothing_more(dbpath)
    count("short writes", life.name, len(written))


def _byte_by_byte(life: Life, dbpath: Path, place: Path) -> list[Call]:
    need_strace()
    lived = live(life, dbpath, [*tracing(place / "trace", dbpath), *BYTE_BY_BYTE])
    assert not complaints(life, lived)
    return Trace(place / "trace", dbpath, lived.pid).calls


def test_a_crash_in_the_middle_of_it(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    life = life_named("opt-out")
    calls = _byte_by_byte(life, life.prepare(tmp_path / "whole"), tmp_path / "whole")
    written = [call for call in calls if call.name == "write"]

    def check(call: Call, place: Path) -> None:
        dbpath = life.prepare(place)
        fault = f"write:signal=SIGKILL:when={call.when}"
        with closing(Inbox()) as inbox:
            trace = crash(life, dbpath, inbox, place / "trace", fault, within=BYTE_BY_BYTE)
            assert trace.was_killed and str(trace.calls[-1]) == str(call)
        assert (dbpath / f"{FILE}.tmp").stat().st_size == call.when - 1
        assert life.state(dbpath) == life.states[0]
        start_again(life, dbpath, inbox.requests())
        count("crash points", "in the middle of a write")

    step = 1 if pytestconfig.getoption("everything") else 20
    for_each(written[::step], tmp_path, check)


def test_a_file_may_not_be_as_long(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """The kernel takes what fits, and refuses the rest."""
    life = life_named("retry")
    whole = life.prepare(tmp_path / "whole")
    live(life, whole, [])
    put_off, reported = len(PUT_OFF), (whole / FILE).stat().st_size

    def check(limit: int, place: Path) -> None:
        dbpath = life.prepare(place)
        lived = live(life, dbpath, ["prlimit", f"--fsize={limit}"])
        expect_nothing_more(dbpath)
        if limit < reported:
            state, requests = ("failed", 0) if limit < put_off else ("sent", 1)
            _expect_no_room(lived, state, requests, "File too large")
            assert life.state(dbpath) == ("stored" if limit < put_off else "put off")
        else:
            assert life.state(dbpath) == life.states[-1]
        start_again(life, dbpath, lived.requests)
        count("short writes", "up to a limit")

    # The server's own lock takes a few bytes, too.
    step = 1 if pytestconfig.getoption("everything") else 16
    edges = {put_off - 1, put_off, reported - 1, reported}
    for_each(sorted({*range(10, reported, step), *edges}), tmp_path, check)


def _expect_no_room(lived: Lived, state: str, requests: int, error: str) -> None:
    assert (lived.status["state"], len(lived.requests)) == (state, requests), lived.status
    [warning] = lived.warnings
    assert f"cannot be written ({error}" in lived.status["lastError"], lived.status
    assert lived.status["lastError"] in warning


# Each file takes a page, each name an inode; the lock has the first of both, the folder an inode.
@pytest.mark.parametrize(
    ("room", "state", "requests"),
    [
        ("size=4k", "failed", 0),
        ("size=8k", "sent", 1),
        ("size=12k", "sent", 1),
        ("nr_inodes=2", "failed", 0),
        ("nr_inodes=3", "sent", 1),
        ("nr_inodes=4", "sent", 1),
    ],
)
def test_a_disk_that_is_full(room: str, state: str, requests: int, tmp_path: Path) -> None:
    life = life_named("first start")
    dbpath = life.prepare(tmp_path)
    mount = f'mount -t tmpfs -o {room} none "{dbpath}"; exec "$@"'
    names: set[str] = set()

    def look(running: Host) -> None:  # the server alone sees what is mounted there
        names.update(os.listdir(f"/proc/{running.pid}/root{dbpath}"))

    lived = live(life, dbpath, [*_own_mounts(), "sh", "-euc", mount, "sh"], look)
    if room in ("size=12k", "nr_inodes=4"):
        assert (lived.status["state"], lived.warnings) == ("sent", [])
    else:
        _expect_no_room(lived, state, requests, os.strerror(errno.ENOSPC))
    assert names == ({LOCK} if state == "failed" else {LOCK, FILE})
    count("full disks", room)


def _own_mounts() -> list[str]:
    command = ["unshare", "--mount"]
    if os.geteuid() != 0:
        command += ["--user", "--map-root-user"]
    mounting = [*command, "mount", "-t", "tmpfs", "none", "/tmp"]
    tried = subprocess.run(mounting, capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {tried.stderr.strip()}")
    return command
