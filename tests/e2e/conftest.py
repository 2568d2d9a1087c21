"""Fixtures: a dbpath, hosts, receivers, and what they need to be made and ended."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from support.figures import Figures
from support.host import Launcher
from support.mongosh import Mongosh
from support.places import HOST_FILE, HOST_PROGRAM, MONGOSH, NODE
from support.receiver import Receiver

_figures = Figures()


def pytest_sessionstart() -> None:
    for needed in (HOST_PROGRAM, NODE, MONGOSH):
        if not needed.exists():
            pytest.exit(f"{needed} is missing: run 'make test-e2e'", returncode=1)
    if HOST_FILE.exists():
        pytest.exit(f"{HOST_FILE} switches telemetry off on this machine", returncode=1)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _figures.lines:
        terminalreporter.section("measured")
        for line in _figures.lines:
            terminalreporter.line(line)


@pytest.fixture
def figures() -> Figures:
    return _figures


@pytest.fixture
def dbpath(tmp_path: Path) -> Path:
    """An empty data directory."""
    path = tmp_path / "db"
    path.mkdir()
    return path


@pytest.fixture
def new_dbpath(tmp_path: Path) -> Callable[[], Path]:
    """Makes one empty data directory after another."""
    return lambda: Path(tempfile.mkdtemp(prefix="db", dir=tmp_path))


@pytest.fixture
def start_host(dbpath: Path) -> Iterator[Launcher]:
    with closing(Launcher(dbpath)) as launcher:
        yield launcher


@pytest.fixture
def make_receiver() -> Iterator[Callable[..., Receiver]]:
    """Makes receivers that are closed at the end; takes what Receiver takes."""
    with ExitStack() as made:
        yield lambda *args, **options: made.enter_context(closing(Receiver(*args, **options)))


@pytest.fixture
def receiver(make_receiver: Callable[..., Receiver]) -> Receiver:
    """An endpoint that answers 200."""
    return make_receiver()


@pytest.fixture
def silent_receiver(make_receiver: Callable[..., Receiver]) -> Receiver:
    """An endpoint that accepts, reads, and never answers."""
    return make_receiver(answer=None)


@pytest.fixture
def mongosh(tmp_path: Path) -> Mongosh:
    return Mongosh(tmp_path / "home")
