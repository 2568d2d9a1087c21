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


def test_no_package_at_all_fails() -> None:
    """As where a release test looks into the wrong folder."""
    status, said = check()
    assert status == 2 and "usage: " in said


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
    assert said.count("does not remember an opt-out: a fragment is missing") == 2


def test_a_package_that_has_the_functions_and_calls_none_fails(
    packages: Packages, tmp_path: Path
) -> None:
    unpacked, changed = tmp_path / "unpacked", tmp_path / "changed.deb"
    assert outcome("dpkg-deb", "--raw-extract", packages("deb", NEW), unpacked) == (0, "")
    for name in ("preinst", "postinst"):
        script = unpacked / "DEBIAN" / name
        call = (PACKAGING / f"debian/telemetry-{name}").read_text()
        assert call in script.read_text()
        script.write_text(script.read_text().replace(call, ""))
    assert outcome("dpkg-deb", "--build", "-z1", unpacked, changed)[0] == 0
    status, said = check(changed)
    assert (status, said.count("does not remember an opt-out: a fragment is missing")) == (1, 2)


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
