"""Fixtures, and what must be there before anything is run."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.case import Case
from support.jail import Jail, make_template
from support.machine import Debian, RedHat
from support.packages import (
    NAME,
    NEW,
    OLD,
    RENAMED,
    Packages,
    build_base_rpm,
    build_deb,
    build_rpm,
    stripped_server,
)
from support.places import HOST_PROGRAM


def pytest_sessionstart() -> None:
    if not HOST_PROGRAM.exists():
        pytest.exit(f"{HOST_PROGRAM} is missing: run 'make test-packaging'", returncode=1)
    os.umask(0o022)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A system's root folder with an /etc, for the functions alone."""
    (tmp_path / "root/etc").mkdir(parents=True)
    return tmp_path / "root"


@pytest.fixture(scope="session")
def jail_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("template") / "jail")


@pytest.fixture
def jail(tmp_path: Path, jail_template: Path) -> Jail:
    return Jail(tmp_path / "jail", jail_template)


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    """Builds each package once."""
    place = tmp_path_factory.mktemp("packages")
    program = stripped_server(place)
    built: dict[str, Path] = {}
    make: dict[str, Callable[[], Path]] = {
        f"deb {OLD}": lambda: build_deb(place, program, NAME, OLD),
        f"deb {NEW}": lambda: build_deb(place, program, NAME, NEW),
        "deb renamed": lambda: build_deb(place, program, RENAMED, NEW),
        f"rpm {OLD}": lambda: build_rpm(place, program, NAME, OLD),
        f"rpm {NEW}": lambda: build_rpm(place, program, NAME, NEW),
        "rpm renamed": lambda: build_rpm(place, program, RENAMED, NEW),
        "rpm base": lambda: build_base_rpm(place, program),
    }

    def package(name: str) -> Path:
        if name not in built:
            built[name] = make[name]()
        return built[name]

    return package


@pytest.fixture
def debian(tmp_path: Path, packages: Packages) -> Case:
    return Case(Debian(tmp_path / "debian"), "deb", packages)


@pytest.fixture
def red_hat(tmp_path: Path, packages: Packages) -> Case:
    case = Case(RedHat(tmp_path / "red_hat"), "rpm", packages)
    case.machine.run("rpm", "--install", case.machine.take(packages("rpm base")))
    return case


@pytest.fixture(params=["debian", "red_hat"])
def case(request: pytest.FixtureRequest) -> Case:
    made: Case = request.getfixturevalue(request.param)
    return made
