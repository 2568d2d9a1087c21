"""Fixtures, and what must be there before anything is run."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support.jail import Jail, make_template
from support.machine import Debian, Machine, RedHat
from support.packages import Packages, packages_in
from support.places import HOST_PROGRAM
from support.receiver import Receiver
from support.shells import host_root


def pytest_sessionstart() -> None:
    if not HOST_PROGRAM.exists():
        pytest.exit(f"{HOST_PROGRAM} is missing: run 'make test-packaging'", returncode=1)
    os.umask(0o022)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A host's root folder, for the functions alone."""
    return host_root(tmp_path / "root")


@pytest.fixture(scope="session")
def jail_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("template") / "jail")


@pytest.fixture
def jail(tmp_path: Path, jail_template: Path) -> Jail:
    return Jail(tmp_path / "jail", jail_template)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An endpoint that accepts reports."""
    with closing(Receiver()) as receiver:
        yield receiver


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    """Builds each package once."""
    return packages_in(tmp_path_factory.mktemp("packages"))


@pytest.fixture
def debian(tmp_path: Path, packages: Packages) -> Debian:
    return Debian(tmp_path / "debian", packages)


@pytest.fixture
def red_hat(tmp_path: Path, packages: Packages) -> RedHat:
    return RedHat(tmp_path / "red_hat", packages)


@pytest.fixture(params=["debian", "red_hat"])
def machine(request: pytest.FixtureRequest) -> Machine:
    made: Machine = request.getfixturevalue(request.param)
    return made
