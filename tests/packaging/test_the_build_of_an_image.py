"""Packages that are installed while an image is built, with the build's own variables: what is for
the build is not taken for the choice of those who will run the image."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support import server
from support.case import DISABLED, REMEMBERED, Case
from support.packages import NAME
from support.places import HOST_FILE, PACKAGING
from support.shells import PATH

CHECK = PACKAGING / "docker/check-image.sh"
# As Percona's Dockerfiles set them before the packages are installed.
OF_PERCONA_S_IMAGE = {"FULL_PERCONA_VERSION": "4.4.26-25.el8", **DISABLED}


@pytest.fixture
def image(case: Case) -> Case:
    """No service manager runs where an image is built."""
    case.machine.sh("rmdir -p --ignore-fail-on-non-empty /run/systemd/system")
    return case


def test_the_variable_of_percona_s_own_build_is_not_remembered(image: Case) -> None:
    """ARG PERCONA_TELEMETRY_DISABLE=1; the container decides: -e with 1, with 0, or none."""
    machine = image.machine
    said = machine.install(image.old, OF_PERCONA_S_IMAGE)
    assert f"{NAME}: PERCONA_TELEMETRY_DISABLE is not remembered in an image" in said
    assert machine.remembered() is None
    container = {"FULL_PERCONA_VERSION": "4.4.26-25.el8"}
    log = machine.serve({**container, **DISABLED})
    assert server.telemetrys(log) == [server.off_by("PERCONA_TELEMETRY_DISABLE")]
    log = machine.serve({**container, "PERCONA_TELEMETRY_DISABLE": "0"})
    assert server.telemetrys(log)[-1][0] == "Telemetry report delivered"


def test_nor_is_a_missing_report_of_call_home_there(image: Case) -> None:
    image.machine.install(image.package("calls home"), OF_PERCONA_S_IMAGE)
    image.machine.install(image.new, {"FULL_PERCONA_VERSION": "4.4.26-25.el8"})
    assert image.machine.remembered() is None


def test_a_line_in_the_image_s_etc_environment_is(image: Case) -> None:
    image.machine.sh("echo PERCONA_TELEMETRY_DISABLE=1 >>/etc/environment")
    image.machine.install(image.old, OF_PERCONA_S_IMAGE)
    assert image.machine.remembered() == REMEMBERED


def test_in_the_build_of_another_image_it_is_remembered_and_the_build_is_told(image: Case) -> None:
    """Whose image it is cannot be told there: off means off."""
    said = image.machine.install(image.old, DISABLED)
    warning = (
        f"{NAME}: telemetry is off by {HOST_FILE}. If this is the build of an image, it is off"
    )
    assert said.count(warning) == 1
    assert image.machine.remembered() == REMEMBERED


def test_on_a_host_with_a_variable_of_the_same_name_it_is_remembered(case: Case) -> None:
    said = case.machine.install(case.old, OF_PERCONA_S_IMAGE)
    assert "image" not in said
    assert case.machine.remembered() == REMEMBERED


# ---- the check at the end of a Dockerfile --------------------------------------------------------


def check(root: Path, variables: dict[str, str] = {}) -> tuple[int, str]:
    run = subprocess.run(
        [CHECK, root],
        env={"PATH": PATH, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout


def put(root: Path, path: str, text: str = "") -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_an_image_without_any_of_this_passes(tmp_path: Path) -> None:
    put(tmp_path, "entrypoint.sh", '#!/bin/sh\nexec mongod "$@"\n')
    (tmp_path / "data/db").mkdir(parents=True)
    assert check(tmp_path, {"PERCONA_TELEMETRY_DISABLE": ""}) == (0, "")


@pytest.mark.parametrize(
    ("what", "finding"),
    [
        (lambda root: put(root, HOST_FILE[1:]), HOST_FILE),
        (lambda root: put(root, "data/db/telemetry_uuid"), "/data/db/telemetry_uuid"),
        (lambda root: put(root, "usr/local/percona/telemetry_uuid"), "call-home.sh has run"),
        (lambda root: put(root, "call-home.sh"), "/call-home.sh is there"),
        (
            lambda root: put(root, "entrypoint.sh", '/call-home.sh -f "PRODUCT_FAMILY_PSMDB"\n'),
            "/entrypoint.sh runs call-home.sh",
        ),
    ],
    ids=["host file", "identity", "earlier report", "script", "entrypoint"],
)
def test_each_thing_left_behind_fails_and_is_named(
    what: Callable[[Path], None], finding: str, tmp_path: Path
) -> None:
    what(tmp_path)
    status, said = check(tmp_path)
    assert status == 1
    assert said.startswith("check-image: ")
    assert said.count("\n") == 1
    assert finding in said


@pytest.mark.parametrize(
    "name", ["PERCONA_TELEMETRY_DISABLE", "DO_NOT_TRACK", "PERCONA_INSTANCE_ID"]
)
def test_a_variable_of_the_build_fails_and_is_named(name: str, tmp_path: Path) -> None:
    status, said = check(tmp_path, {name: "1"})
    assert (status, said.count("\n")) == (1, 1)
    assert said.startswith(f"check-image: {name} is set")
