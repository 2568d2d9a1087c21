"""SIGKILL at each call that touches the identity: the next start goes on where it was, also after
a second SIGKILL at each call of that start."""

import shutil
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from support.counts import count
from support.pool import for_each
from support.receiver import Receiver, Request
from support.runs import calls_of, crash, is_deferred, start_again, undisturbed
from support.scenarios import OK, SCENARIOS, TEMPORARY, Scenario, read
from support.tracing import Call

# Without --everything each so many-th call of the second start.
STEP = 7

each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)


@each_scenario
def test_a_crash(scenario: Scenario, tmp_path: Path) -> None:
    whole = undisturbed(scenario, tmp_path / "whole")

    def check(call: Call, place: Path) -> None:
        dbpath = scenario.prepare(place)
        with closing(Receiver(scenario.answer)) as receiver:
            calls = crash(scenario, dbpath, receiver, place / "trace", call).calls
            # It went the same way as without a fault, and died in this very call.
            done = whole.index(call) + 1
            assert [str(call) for call in calls] == [str(call) for call in whole[:done]]
            assert calls[-1].result == "?"
            start_again(scenario, dbpath, receiver.requests())
        count("crash points", scenario.name)

    for_each(whole, tmp_path, check)


@dataclass(frozen=True)
class Remains:
    """What a crash left."""

    dbpath: Path
    requests: list[Request]

    def copy(self, place: Path) -> Path:
        return Path(shutil.copytree(self.dbpath, place / "db"))


@each_scenario
def test_two_crashes(scenario: Scenario, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    states = (*scenario.states, "stored", "deferred", "reported")
    after = replace(scenario, states=states, answer=OK, parameters={}, switch=None)
    cases = []
    for number, remains in enumerate(_remains(scenario, tmp_path)):
        calls = calls_of(after, remains.copy(tmp_path / f"start {number}"))
        cases += [(remains, call) for call in calls]

    def check(case: tuple[Remains, Call], place: Path) -> None:
        remains, call = case
        dbpath = remains.copy(place)
        with closing(Receiver()) as receiver:
            crash(after, dbpath, receiver, place / "trace", call)
            start_again(after, dbpath, [*remains.requests, *receiver.requests()])
        count("two crashes", scenario.name)

    for_each(cases[:: 1 if pytestconfig.getoption("everything") else STEP], tmp_path, check)


def _remains(scenario: Scenario, place: Path) -> list[Remains]:
    """What crashes at each call leave, each kind once."""
    found = {}
    for number, call in enumerate(undisturbed(scenario, place / "whole")):
        folder = place / f"crash {number}"
        dbpath = scenario.prepare(folder)
        with closing(Receiver(scenario.answer)) as receiver:
            crash(scenario, dbpath, receiver, folder / "trace", call)
            state, litter = scenario.state(dbpath), read(dbpath / TEMPORARY)
            if is_deferred(dbpath):
                continue  # the next start waits, and does nothing that could be interrupted
            kind = state, litter and len(litter), len(receiver.requests())
            found.setdefault(kind, Remains(dbpath, receiver.requests()))
    return list(found.values())
