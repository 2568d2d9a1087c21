"""Packages that are installed while an image is built, with the build's own variables: what is for
the build is not taken for the choice of those who will run the image."""

from pathlib import Path

import pytest
from support import server
from support.machine import DISABLED, REMEMBERED, Machine
from support.packages import NAME, NEW, OLD
from support.places import HOST_FILE, PACKAGING
from support.shells import PATH, outcome

# As Percona's Dockerfiles set them before the packages are installed.
CONTAINER = {"FULL_PERCONA_VERSION": "4.4.26-25.el8"}
OF_PERCONA_S_IMAGE = {**CONTAINER, **DISABLED}


@pytest.fixture
def image(machine: Machine) -> Machine:
    """No service manager runs where an image is built."""
    machine.sh("rmdir -p --ignore-fail-on-non-empty /run/systemd/system")
    return machine


def test_the_variable_of_percona_s_own_build_is_not_remembered(image: Machine) -> None:
    """ARG PERCONA_TELEMETRY_DISABLE=1; the container decides: -e with 1, with 0, or none."""
    said = image.install(OLD, OF_PERCONA_S_IMAGE)
    assert f"{NAME}: PERCONA_TELEMETRY_DISABLE is not remembered in an image" in said
    assert image.remembered() is None
    off = server.off_by("PERCONA_TELEMETRY_DISABLE")
    assert image.serve(OF_PERCONA_S_IMAGE) == off
    *_, (last, _) = image.serve({**CONTAINER, "PERCONA_TELEMETRY_DISABLE": "0"})
    assert last == server.DELIVERED


def test_nor_is_a_missing_report_of_call_home_there(image: Machine) -> None:
    image.install("calls home", OF_PERCONA_S_IMAGE)
    image.install(NEW, CONTAINER)
    assert image.remembered() is None


def test_a_line_in_the_image_s_etc_environment_is(image: Machine) -> None:
    image.sh("echo PERCONA_TELEMETRY_DISABLE=1 >>/etc/environment")
    image.install(OLD, OF_PERCONA_S_IMAGE)
    assert image.remembered() == REMEMBERED


def test_in_the_build_of_another_image_it_is_remembered_and_the_build_is_told(
    image: Machine,
) -> None:
    """Whose image it is cannot be told there: off means off."""
    said = image.install(OLD, DISABLED)
    warning = (
        f"{NAME}: telemetry is off by {HOST_FILE}. If this is the build of an image, it is off"
    )
    assert said.count(warning) == 1
    assert image.remembered() == REMEMBERED


def test_on_a_host_with_a_variable_of_the_same_name_it_is_remembered(machine: Machine) -> None:
    assert "image" not in machine.install(OLD, OF_PERCONA_S_IMAGE)
    assert machine.remembered() == REMEMBERED


# ---- the check at the end of a Dockerfile --------------------------------------------------------


def check(root: Path, files: dict[str, str], variables: dict[str, str]) -> tuple[int, str]:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return outcome(PACKAGING / "docker/check-image.sh", root, env={"PATH": PATH, **variables})


def test_an_image_without_any_of_this_passes(tmp_path: Path) -> None:
    files = {"entrypoint.sh": '#!/bin/sh\nexec mongod "$@"\n', "data/db/WiredTiger": ""}
    assert check(tmp_path, files, {}) == (0, "")


@pytest.mark.parametrize(
    ("variable", "values"),
    [
        ("PERCONA_TELEMETRY_DISABLE", ["", "0", "False", "NO", "off"]),
        ("DO_NOT_TRACK", ["", "0", "FALSE"]),
    ],
)
def test_a_variable_that_opts_out_of_nothing_passes(
    variable: str, values: list[str], tmp_path: Path
) -> None:
    """The first with 0 switches telemetry on in the upgrade from a version with call-home.sh."""
    for value in values:
        assert check(tmp_path, {}, {variable: value}) == (0, "")


@pytest.mark.parametrize(
    ("files", "variables", "finding"),
    [
        ({HOST_FILE[1:]: ""}, {}, HOST_FILE),
        ({"data/db/telemetry_uuid": ""}, {}, "/data/db/telemetry_uuid is there"),
        ({"usr/local/percona/telemetry_uuid": ""}, {}, "call-home.sh has run"),
        ({"call-home.sh": ""}, {}, "/call-home.sh is there"),
        ({"entrypoint.sh": "/call-home.sh -f\n"}, {}, "/entrypoint.sh runs call-home.sh"),
        ({}, {"PERCONA_TELEMETRY_DISABLE": "1"}, "PERCONA_TELEMETRY_DISABLE is set"),
        ({}, {"DO_NOT_TRACK": "no"}, "DO_NOT_TRACK is set"),
        ({}, {"PERCONA_INSTANCE_ID": "1"}, "PERCONA_INSTANCE_ID is set"),
    ],
)
def test_each_thing_of_the_build_fails_and_is_named(
    files: dict[str, str], variables: dict[str, str], finding: str, tmp_path: Path
) -> None:
    status, said = check(tmp_path, files, variables)
    assert (status, said.count("\n")) == (1, 1)
    assert said.startswith("check-image: ")
    assert finding in said
