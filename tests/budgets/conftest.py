"""Fixtures. What is measured, and how, is in benches/measuring."""

import os
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benches"))

from measuring.budgets import BUDGETS
from measuring.needs import HOST_FILE, Missing
from measuring.scene import Scene, scene

Hold = Callable[[str, str, float], None]

_held: list[str] = []


def pytest_sessionstart() -> None:
    if os.path.lexists(HOST_FILE):
        pytest.exit(f"{HOST_FILE} switches telemetry off on this machine", returncode=1)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call() -> Iterator[None]:
    """A test that this machine does not allow is left out, and says why. CI has to allow it."""
    try:
        return (yield)
    except Missing as missing:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(missing))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _held:
        terminalreporter.section("budgets")
        for line in _held:
            terminalreporter.line(line)


@pytest.fixture
def hold() -> Hold:
    """Holds what was found against a budget, and shows both in the end."""

    def against(budget: str, what: str, found: float) -> None:
        line = f"{what}: {found:,} of {BUDGETS[budget].limit:,}"
        if BUDGETS[budget].section == "ratchet" and platform.machine() != "x86_64":
            _held.append(f"{line}, SKIPPED: ratchets are for x86_64, this is {platform.machine()}")
            return
        _held.append(line)
        BUDGETS[budget].hold(what, found)

    return against


@pytest.fixture(scope="session")
def place() -> Iterator[Scene]:
    """Endpoints, a CA, and starts to be measured."""
    with scene() as made:
        yield made
