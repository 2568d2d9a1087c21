"""What tests/packaging has is used here, too: its packages and its throw-away system."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "packaging"))

from bare import Bare, bare_system  # noqa: E402
from podman import ARG, CHECK, Container, build, make_base  # noqa: E402
from support.packages import NEW, packages_in  # noqa: E402

Start = Callable[..., Container]


@pytest.fixture(scope="session", params=os.environ.get("TELEMETRY_SYSTEMS", "").split())
def system(request: pytest.FixtureRequest) -> Iterator[Bare]:
    with bare_system(request.param) as system:
        yield system


@pytest.fixture(scope="session")
def shown(system: Bare) -> str:
    """What make run shows. It builds all that is there to build."""
    return system.do("make run")


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the reference host; of a real server where SERVER names one."""
    make_base()
    server = os.environ.get("TELEMETRY_SERVER")
    packages = packages_in(tmp_path_factory.mktemp("packages"), Path(server) if server else None)
    return packages("deb", NEW)


@pytest.fixture(scope="session")
def image(package: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """By the recipe, which ends with a check."""
    build("localhost/psmdb", package, tmp_path_factory.mktemp("images") / "right", CHECK)
    return "localhost/psmdb"


@pytest.fixture(scope="session")
def image_with_arg(package: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """As Percona's Dockerfiles are today."""
    build("localhost/psmdb-arg", package, tmp_path_factory.mktemp("images") / "arg", ARG)
    return "localhost/psmdb-arg"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Container] = []

    def start_one(image: str, *options: str) -> Container:
        place = tmp_path / f"{tmp_path.name}-{len(started)}"
        place.mkdir()
        started.append(Container(image, place, *options))
        return started[-1]

    yield start_one
    for container in started:
        container.remove()
