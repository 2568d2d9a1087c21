"""An error of each call that touches the identity: nothing is sent that is not stored, what
happened is logged once, the server lives and stops, and the next start goes on where it was."""

import errno
import os
from pathlib import Path

import pytest
from support.counts import count
from support.pool import for_each
from support.runs import (
    Outcome,
    complaints,
    expect_nothing_more,
    start_again,
    traced_run,
    undisturbed,
)
from support.scenarios import BUSY, CORRUPT, FILE, NOTE, SCENARIOS, TEMPORARY, Scenario
from support.tracing import Call

ERRORS = ["EIO", "ENOSPC", "EROFS", "EACCES", "EDQUOT", "EMFILE", "ENOMEM", "EINTR"]

# Without --everything each call gets these many of them, each time others.
A_FEW = 2


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_an_error(scenario: Scenario, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    whole = undisturbed(scenario, tmp_path / "whole")
    durable = next(call for call in whole if call.syncs_folder)
    # A mark that cannot be appended is stored with the whole file.
    mark = next((whole.index(call) for call in whole if "O_APPEND" in call.text), len(whole))
    # The start of a scenario whose switch is thrown later is the scenario "first start".
    calls = whole[whole.index(durable) + 1 :] if scenario.waits else whole
    number = len(ERRORS) if pytestconfig.getoption("everything") else A_FEW
    cases = [
        (call, ERRORS[(SCENARIOS.index(scenario) + A_FEW * index + i) % len(ERRORS)])
        for index, call in enumerate(calls)
        for i in range(number)
    ]

    def check(case: tuple[Call, str], place: Path) -> None:
        call, error = case
        dbpath = scenario.prepare(place)
        fault = f"{call.name}:error={error}:when={call.when}"
        outcome, trace = traced_run(scenario, dbpath, fault)
        assert [str(injected) for injected in trace.injected] == [str(call)]
        assert outcome.status["enabled"] is (scenario.switch is not False)
        # What is only looked at to be removed is litter.
        removes_stale = "O_PATH" in call.text and call.files == (TEMPORARY,)
        had_effect = call.name != "close" and not removes_stale and whole.index(call) < mark
        if error == "EINTR" and not _complains(scenario, outcome):
            had_effect = False  # asked again
        if had_effect:
            is_stored = whole.index(call) > whole.index(durable)
            _expect_logged(scenario, outcome, call, os.strerror(getattr(errno, error)), is_stored)
        else:
            assert not _complains(scenario, outcome)
            assert scenario.state(dbpath) == scenario.states[-1]
        expect_nothing_more(dbpath)
        start_again(scenario, dbpath, outcome.requests)
        count("errors", error)

    for_each(cases, tmp_path, check)


def _complains(scenario: Scenario, outcome: Outcome) -> bool:
    """Whether something is said to have gone wrong here."""
    said = [] if outcome.status["lastError"] is None else [outcome.status["lastError"]]
    if scenario.answer == BUSY and said == ["endpoint returned HTTP status 503"]:
        said = []
    assert len(said) == len(complaints(scenario, outcome)), outcome
    return bool(said)


def _expect_logged(
    scenario: Scenario, outcome: Outcome, call: Call, error: str, is_stored: bool
) -> None:
    """One warning and the status say which file, what could not be done with it, and why."""
    [warning] = complaints(scenario, outcome)
    told = outcome.status["lastError"]
    assert told is not None and told in warning
    assert f"{_what_failed(call)} ({error} (os error " in told, told

    if scenario.switch is False:
        state, requests, words = "off", 0, "Telemetry disabled until restart, opt-out not stored: "
    elif not is_stored:
        state, requests, words = "failed", 0, "Telemetry failed: "
    elif scenario.answer == BUSY:
        state, requests, words = "failed", 1, "Telemetry failed: "
    else:
        state, requests = "sent", 1
        words = "Telemetry report delivered, but delivery not stored: "
    assert (outcome.status["state"], len(outcome.requests)) == (state, requests), outcome.status
    assert words in warning, warning
    # An id that is not stored is not shown either; one that an earlier start stored may be.
    if scenario.switch is not False and (is_stored or NOTE not in (scenario.before or "")):
        assert (outcome.status["instanceId"] is not None) is is_stored


def _what_failed(call: Call) -> str:
    if call.files == ("",) and call.name != "statx":
        return "cannot be opened" if call.name == "openat" else "cannot be synced to disk"
    if call.files == (CORRUPT,):
        return f"{CORRUPT} cannot be read"
    # Whether the dbpath is still there is asked when there is no file to read.
    is_read = call.files in ((FILE,), ("",))
    return f"{FILE} cannot be read" if is_read else "cannot be written"


@pytest.mark.parametrize(
    "scenario",
    # Those whose first rename is the identity's only one, or fails all that comes after it.
    [one for one in SCENARIOS if one.name != "corrupt file" and not one.waits],
    ids=lambda scenario: scenario.name,
)
def test_what_cannot_be_removed_now_is_removed_later(scenario: Scenario, tmp_path: Path) -> None:
    """A disk on which neither the rename nor the clean-up works: the first error is logged, and the
    next start that finds the temporary file removes it."""
    dbpath = scenario.prepare(tmp_path)
    outcome, _ = traced_run(scenario, dbpath, "renameat:error=EDQUOT:when=1", "unlinkat:error=EIO")
    assert (dbpath / TEMPORARY).is_file()
    assert scenario.state(dbpath) == scenario.states[0]
    assert "Disk quota exceeded" in complaints(scenario, outcome)[0]
    start_again(scenario, dbpath, outcome.requests)
    count("errors", "two at once")
