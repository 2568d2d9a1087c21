"""SIGKILL again, at each call of the start after a crash: what held after one holds after two."""

import shutil
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from support.counts import count
from support.lives import LIVES, OK, TEMPORARY, Life, read
from support.pool import for_each
from support.receiver import Request
from support.runs import Inbox, crash, is_put_off, live, start_again, undisturbed
from support.tracing import Call, Trace, need_strace, tracing

# Without --everything each so many-th call of the second start.
STEP = 7


@dataclass(frozen=True)
class Ruin:
    """What a crash left."""

    dbpath: Path
    requests: list[Request]

    def copy(self, place: Path) -> Path:
        return Path(shutil.copytree(self.dbpath, place / "db"))


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_two_crashes(life: Life, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    need_strace()
    after = replace(life, states=(*life.states, "stored", "put off", "reported"), answer=OK)
    after = replace(after, parameters={}, switch=None)
    cases = [
        (ruin, call)
        for number, ruin in enumerate(_ruins(life, tmp_path))
        for call in _calls(after, ruin, tmp_path / f"start {number}")
    ]

    def check(case: tuple[Ruin, Call], place: Path) -> None:
        ruin, call = case
        dbpath = ruin.copy(place)
        with closing(Inbox()) as inbox:
            fault = f"{call.name}:signal=SIGKILL:when={call.when}"
            trace = crash(after, dbpath, inbox, place / "trace", fault)
            assert trace.was_killed and str(trace.calls[-1]) == str(call)
            start_again(after, dbpath, [*ruin.requests, *inbox.requests()])
        count("two crashes", life.name)

    for_each(cases[:: 1 if pytestconfig.getoption("everything") else STEP], tmp_path, check)


def _ruins(life: Life, place: Path) -> list[Ruin]:
    """What crashes at each call leave, each kind of ruin once."""
    ruins = {}
    for number, call in enumerate(undisturbed(life, place / "whole")):
        folder = place / f"crash {number}"
        dbpath = life.prepare(folder)
        with closing(Inbox(life.answer)) as inbox:
            fault = f"{call.name}:signal=SIGKILL:when={call.when}"
            crash(life, dbpath, inbox, folder / "trace", fault)
            state, litter = life.state(dbpath), read(dbpath / TEMPORARY)
            if is_put_off(dbpath):
                continue  # the next start waits, and does nothing that could be interrupted
            kind = state, litter and len(litter), len(inbox.requests())
            ruins.setdefault(kind, Ruin(dbpath, inbox.requests()))
    return list(ruins.values())


def _calls(after: Life, ruin: Ruin, place: Path) -> list[Call]:
    place.mkdir()
    dbpath = ruin.copy(place)
    lived = live(after, dbpath, tracing(place / "trace", dbpath))
    return Trace(place / "trace", dbpath, lived.pid).calls
