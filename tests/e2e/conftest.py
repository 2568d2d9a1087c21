"""Fixtures: a dbpath, hosts, receivers, and what they need to be made and ended."""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from support import table
from support.figures import PROPERTY, Figures
from support.host import Launcher
from support.mongosh import Mongosh
from support.places import HOST_FILE, MONGOSH, NODE, PROGRAM
from support.receiver import Receiver
from support.servers import Server, server_of

_server = server_of(PROGRAM) if PROGRAM.exists() else None


def pytest_sessionstart() -> None:
    if _server is None:
        pytest.exit(f"{PROGRAM} is missing: run 'make build', or name a server", returncode=1)
    if os.path.lexists(HOST_FILE):
        pytest.exit(f"{HOST_FILE} switches telemetry off on this machine", returncode=1)


def pytest_runtest_setup(item: pytest.Item) -> None:
    assert _server is not None
    reason = _server.reason_against(item.path.name, item.name.split("[", 1)[0])
    if reason is not None:
        pytest.skip(table.NOT_APPLICABLE + reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [
        report
        for outcome in ("passed", "failed", "error", "skipped")
        for report in terminalreporter.stats.get(outcome, [])
    ]
    terminalreporter.section(f"scenarios on {PROGRAM}")
    for line in table.of_scenarios(reports):
        terminalreporter.line(line)
    terminalreporter.section("measured")
    for report in reports:
        for name, line in report.user_properties:
            if name == PROPERTY:
                terminalreporter.line(line)


@pytest.fixture(autouse=True)
def _alone_if_it_measures(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Keeps other scenarios waiting while one measures time, also those of other processes."""
    how = fcntl.LOCK_EX if request.node.get_closest_marker("measures") else fcntl.LOCK_SH
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with (shared / "turn").open("w") as turn:
        fcntl.flock(turn, how)
        yield


@pytest.fixture(scope="session")
def server() -> Server:
    """The program that the scenarios are run on."""
    assert _server is not None
    return _server


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Figures:
    return Figures(record_property)


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
def start_host(server: Server, dbpath: Path) -> Iterator[Launcher]:
    with closing(Launcher(server, dbpath)) as launcher:
        yield launcher


@pytest.fixture(scope="module")
def start_shared(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    """Starts hosts that all scenarios of a file share."""
    with closing(Launcher(server, tmp_path_factory.mktemp("shared"))) as launcher:
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
    for needed in (NODE, MONGOSH):
        if not needed.exists():
            pytest.skip(f"{needed} is not there: 'make build/node/installed' gets it")
    return Mongosh(tmp_path / "home")
