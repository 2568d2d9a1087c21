"""What must be there before a fault is put anywhere, and the counts at the end."""

import os

import pytest
from support import counts
from support.places import HOST_FILE, HOST_PROGRAM


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--everything", action="store_true", help="each fault at each place")


def pytest_sessionstart() -> None:
    if not HOST_PROGRAM.exists():
        pytest.exit(f"{HOST_PROGRAM} is missing: run 'make test-faults'", returncode=1)
    if os.path.lexists(HOST_FILE):
        pytest.exit(f"{HOST_FILE} switches telemetry off on this machine", returncode=1)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if counts.lines():
        terminalreporter.section("tried")
        for line in counts.lines():
            terminalreporter.line(line)
