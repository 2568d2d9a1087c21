"""A container, but for the engine: a root folder of its own, with namespaces. tests/systems has an
engine; what makes it a container is in tests/facts.rs."""

import subprocess

import pytest
from support import server
from support.host import Host
from support.jail import DBPATH, Jail
from support.places import PACKAGING
from support.receiver import Receiver
from support.rights import need_root
from support.shells import PATH, SHELLS, each_shell

SOMEBODY = 1000620000  # as a cluster makes one up; in no /etc/passwd


def run(jail: Jail, url: str, *, read_only: bool = False, uid: int | None = None) -> Host:
    if uid is not None:
        need_root("the server runs as another user")
        jail.dbpath.chmod(0o777)
    command = jail.command(network=True, read_only=read_only, uid=uid)
    environment = {"PERCONA_TELEMETRY_URL": url, "container": "docker"}
    return server.live(command, environment, server.DELIVERED, server.DISABLED, server.FAILED)


@pytest.mark.parametrize("uid", [None, SOMEBODY])
def test_a_read_only_root_and_a_made_up_user_are_no_cause_for_a_warning(
    uid: int | None, jail: Jail, receiver: Receiver
) -> None:
    """docker run --read-only --tmpfs /data/db, and --user 1000620000:0"""
    jail.dbpath.chmod(0o777)
    before = jail.files()
    assert run(jail, receiver.url, read_only=True, uid=uid).warnings() == []
    assert jail.files() == before


def test_an_identity_that_a_made_up_user_cannot_read_is_one_warning(jail: Jail) -> None:
    """A volume that another user has written: the server runs, nothing is sent."""
    jail.put(f"{DBPATH[1:]}/telemetry_uuid", "instanceId:6aef422e-56a7-4530-af9d-94cc02198343\n")
    (jail.dbpath / "telemetry_uuid").chmod(0o600)
    [warning] = run(jail, "http://127.0.0.1:9/", uid=SOMEBODY).warnings()
    assert "telemetry_uuid cannot be read" in warning.attributes["error"]


def test_a_made_up_user_who_cannot_enter_the_folder_of_the_switch_is_off(jail: Jail) -> None:
    """A choice that may be there counts, and is no cause for a warning."""
    jail.put("etc/percona/other", "")
    (jail.root / "etc/percona").chmod(0o700)
    [event] = run(jail, "http://127.0.0.1:9/", uid=SOMEBODY).telemetrys()
    assert (event.message, event.severity) == (server.DISABLED, "I")


# ---- the entrypoint's fragment -------------------------------------------------------------------


def entrypoint(shell: str, variables: dict[str, str]) -> dict[str, str]:
    """The variables that mongod gets of an entrypoint with the fragment in it."""
    text = f"set -eu\n{(PACKAGING / 'docker/telemetry.sh').read_text()}\nexec env"
    made = subprocess.run(
        [*SHELLS[shell], "-c", text],
        env={"PATH": PATH, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split("=", 1) for line in made.stdout.splitlines())


@each_shell
@pytest.mark.parametrize("value", ["1", "", "$(touch pwned)", "false"])
def test_an_entrypoint_passes_the_switches_on_as_they_are(shell: str, value: str) -> None:
    switches = {"PERCONA_TELEMETRY_DISABLE": value, "DO_NOT_TRACK": value}
    given = entrypoint(shell, switches)
    assert {name: given[name] for name in switches} == switches
    assert "PERCONA_TELEMETRY_DISABLE" not in entrypoint(shell, {})


@each_shell
@pytest.mark.parametrize(
    ("said", "becomes"), [(None, "DOCKER"), ("", "DOCKER"), ("PACKAGE", "PACKAGE")]
)
def test_an_entrypoint_says_that_it_is_in_a_container_unless_told_otherwise(
    shell: str, said: str | None, becomes: str
) -> None:
    variables = {} if said is None else {"PERCONA_DEPLOYMENT_METHOD": said}
    assert entrypoint(shell, variables)["PERCONA_DEPLOYMENT_METHOD"] == becomes
