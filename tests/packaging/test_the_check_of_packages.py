"""check-package.sh, for release tests: right packages pass, and each mistake is named."""

import tarfile
from pathlib import Path

import pytest
from support.packages import NEW, Packages
from support.places import HOST_PROGRAM, PACKAGING
from support.rights import need_tool
from support.shells import outcome

each_kind = pytest.mark.parametrize("kind", ["deb", "rpm"])


def check(*files: Path) -> tuple[int, str]:
    need_tool("dpkg-deb", "rpm2cpio", "cpio", "rpm")
    return outcome(PACKAGING / "check-package.sh", *files)


@each_kind
def test_a_package_by_the_recipe_passes(kind: str, packages: Packages) -> None:
    assert check(packages(kind, NEW)) == (0, "")


@each_kind
def test_call_home_beside_the_library_fails(kind: str, packages: Packages) -> None:
    status, said = check(packages(kind, "calls home and has the library"))
    assert status == 1
    assert said.count("\n") == 1
    assert "runs call-home.sh as well: each installation would report twice" in said


@each_kind
def test_a_package_without_the_fragments_fails(kind: str, packages: Packages) -> None:
    status, said = check(packages(kind, "calls home"))
    assert status == 1
    assert said.count("does not remember an opt-out: the fragments are missing") == 2


@each_kind
def test_the_metapackage_fails(kind: str, packages: Packages) -> None:
    """What a %pre without a name lands on."""
    server = packages(kind, NEW)
    [metapackage] = server.parent.glob(server.name.replace("-server", ""))
    status, said = check(metapackage)
    assert status == 1
    assert "/usr/bin/mongod is missing or has no telemetry" in said
    for document in ("THIRD-PARTY-NOTICES", "psmdb-telemetry.cdx.json"):
        assert f"the library's {document} is missing" in said


@pytest.mark.parametrize("telemetry", [True, False])
def test_a_plain_tarball_fails_if_it_carries_telemetry(telemetry: bool, tmp_path: Path) -> None:
    tarball = tmp_path / "percona-server-mongodb-4.4.0-1-x86_64.tar.gz"
    with tarfile.open(tarball, "w:gz") as tar:
        tar.add(HOST_PROGRAM if telemetry else "/bin/true", "percona-server-mongodb/bin/mongod")
    status, said = check(tarball)
    assert status == telemetry
    assert ("carries telemetry; only packages and images may" in said) == telemetry
