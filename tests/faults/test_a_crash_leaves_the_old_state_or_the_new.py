"""SIGKILL at each call that touches the identity: the next start goes on where it was."""

from contextlib import closing
from pathlib import Path

import pytest
from support.counts import count
from support.lives import LIVES, Life
from support.pool import for_each
from support.runs import Inbox, crash, start_again, undisturbed
from support.tracing import Call, need_strace


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_a_crash(life: Life, tmp_path: Path) -> None:
    need_strace()
    whole = undisturbed(life, tmp_path / "whole")

    def check(call: Call, place: Path) -> None:
        dbpath = life.prepare(place)
        with closing(Inbox(life.answer)) as inbox:
            fault = f"{call.name}:signal=SIGKILL:when={call.when}"
            trace = crash(life, dbpath, inbox, place / "trace", fault)
            _expect_killed(trace.was_killed, trace.calls, whole, call)
            start_again(life, dbpath, inbox.requests())
        count("crash points", life.name)

    for_each(whole, tmp_path, check)


def _expect_killed(was_killed: bool, calls: list[Call], whole: list[Call], at: Call) -> None:
    """It went the same way as without a fault, and died in this very call."""
    assert was_killed
    done = whole.index(at) + 1
    assert [str(call) for call in calls] == [str(call) for call in whole[:done]]
    assert calls[-1].result == "?"
