"""An error of each call that touches the identity: nothing is sent that is not stored, what
happened is told once, the server lives and stops, and the next start goes on where it was."""

import errno
import os
from pathlib import Path

import pytest
from support.counts import count
from support.lives import BUSY, CORRUPT, FILE, LIVES, NOTE, TEMPORARY, Life
from support.pool import for_each
from support.runs import Lived, complaints, expect_nothing_more, live, start_again, undisturbed
from support.tracing import Call, Trace, need_strace, tracing

ERRORS = ["EIO", "ENOSPC", "EROFS", "EACCES", "EDQUOT", "EMFILE", "ENOMEM", "EINTR"]

# Without --everything each call gets these many of them, each time others.
A_FEW = 2


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_an_error(life: Life, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    need_strace()
    whole = undisturbed(life, tmp_path / "whole")
    durable = next(call for call in whole if call.syncs_folder)
    # The start of a life whose switch is thrown later is the life "first start".
    calls = whole[whole.index(durable) + 1 :] if life.waits else whole
    number = len(ERRORS) if pytestconfig.getoption("everything") else A_FEW
    cases = [
        (call, ERRORS[(LIVES.index(life) + A_FEW * index + i) % len(ERRORS)])
        for index, call in enumerate(calls)
        for i in range(number)
    ]

    def check(case: tuple[Call, str], place: Path) -> None:
        call, error = case
        dbpath = life.prepare(place)
        fault = f"{call.name}:error={error}:when={call.when}"
        lived = live(life, dbpath, tracing(place / "trace", dbpath, fault))
        trace = Trace(place / "trace", dbpath, lived.pid)
        assert [str(injected) for injected in trace.injected] == [str(call)]
        assert lived.status["enabled"] is (life.switch is not False)
        # What is only looked at to be removed is litter.
        is_tidying = "O_PATH" in call.text and call.files == (TEMPORARY,)
        had_effect = call.name != "close" and not is_tidying
        if error == "EINTR" and not _complains(life, lived):
            had_effect = False  # asked again
        if had_effect:
            is_stored = whole.index(call) > whole.index(durable)
            _expect_told(life, lived, call, os.strerror(getattr(errno, error)), is_stored)
        else:
            assert not _complains(life, lived)
            assert life.state(dbpath) == life.states[-1]
        expect_nothing_more(dbpath)
        start_again(life, dbpath, lived.requests)
        count("errors", error)

    for_each(cases, tmp_path, check)


def _complains(life: Life, lived: Lived) -> bool:
    """Whether something is said to have gone wrong here."""
    said = [] if lived.status["lastError"] is None else [lived.status["lastError"]]
    if life.answer == BUSY and said == ["endpoint returned HTTP status 503"]:
        said = []
    assert len(said) == len(complaints(life, lived)), lived
    return bool(said)


def _expect_told(life: Life, lived: Lived, call: Call, error: str, is_stored: bool) -> None:
    """One warning and the status say which file, what could not be done with it, and why."""
    [warning] = complaints(life, lived)
    told = lived.status["lastError"]
    assert told is not None and told in warning
    assert f"{_what_failed(call)} ({error} (os error " in told, told

    if life.switch is False:
        state, requests, words = "off", 0, "Telemetry disabled until restart, opt-out not stored: "
    elif not is_stored:
        state, requests, words = "failed", 0, "Telemetry failed: "
    elif life.answer == BUSY:
        state, requests, words = "failed", 1, "Telemetry failed: "
    else:
        state, requests = "sent", 1
        words = "Telemetry report delivered, but delivery not stored: "
    assert (lived.status["state"], len(lived.requests)) == (state, requests), lived.status
    assert words in warning, warning
    # An id that is not stored is not shown either; one that an earlier start stored may be.
    if life.switch is not False and (is_stored or NOTE not in (life.before or "")):
        assert (lived.status["instanceId"] is not None) is is_stored


def _what_failed(call: Call) -> str:
    if call.files == ("",) and call.name != "statx":
        return "cannot be opened" if call.name == "openat" else "cannot be synced to disk"
    if call.files == (CORRUPT,):
        return f"{CORRUPT} cannot be read"
    # Whether the dbpath is still there is asked when there is no file to read.
    is_read = call.files in ((FILE,), ("",))
    return f"{FILE} cannot be read" if is_read else "cannot be written"
