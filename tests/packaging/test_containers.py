"""A container, but for the engine: a root folder of its own, with namespaces, and the variables
that engines set. No engine is at hand, so what an engine itself does remains unproved."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from support import server
from support.jail import DBPATH, Jail
from support.places import PACKAGING
from support.receiver import receiving
from support.rights import need_root
from support.shells import PATH, SHELLS, each_shell

FRAGMENT = PACKAGING / "docker/telemetry.sh"
SOMEBODY = 1000620000  # as a cluster makes one up; in no /etc/passwd
ID = "6aef422e-56a7-4530-af9d-94cc02198343"


def run(jail: Jail, url: str, variables: dict[str, str], **options: Any) -> list[server.Event]:
    command = jail.command(network=True, **options)
    environment = {"PATH": PATH, "PERCONA_TELEMETRY_URL": url, **variables}
    pattern = f"{server.DELIVERED}|{server.NOT_DELIVERED}|{server.DISABLED}|{server.FAILED}"
    return server.live(command, environment, pattern, server.OPEN)


def deployment(jail: Jail) -> str:
    identity = (jail.dbpath / "telemetry_uuid").read_text()
    return identity.split("deployment:")[1].split("\n")[0]


@pytest.mark.parametrize("with_a_volume", [True, False])
def test_the_variable_reaches_the_server(with_a_volume: bool, jail: Jail) -> None:
    variables = {"PERCONA_TELEMETRY_DISABLE": "1", "container": "podman"}
    log = run(jail, "http://127.0.0.1:9/", variables, dbpath_in_memory=not with_a_volume)
    assert server.telemetrys(log) == [server.off_by("PERCONA_TELEMETRY_DISABLE")]
    assert server.warnings(log) == []


@pytest.mark.parametrize(
    "variables",
    [
        {"container": "oci"},
        {"KUBERNETES_SERVICE_HOST": "10.0.0.1"},
        {"FULL_PERCONA_VERSION": "4.4.26-25.el8"},
        {"PERCONA_DEPLOYMENT_METHOD": "DOCKER"},
    ],
    ids=lambda variables: next(iter(variables)),
)
def test_the_variables_of_engines_and_images_make_it_docker(
    variables: dict[str, str], jail: Jail
) -> None:
    with receiving() as port:
        run(jail, f"http://127.0.0.1:{port}/", variables)
    assert deployment(jail) == "DOCKER"


@pytest.mark.parametrize("mark", [".dockerenv", "run/.containerenv"])
def test_the_files_of_engines_make_it_docker(mark: str, jail: Jail) -> None:
    jail.put(mark, "")
    with receiving() as port:
        run(jail, f"http://127.0.0.1:{port}/", {})
    assert deployment(jail) == "DOCKER"


def test_without_any_mark_it_is_a_package(jail: Jail) -> None:
    with receiving() as port:
        run(jail, f"http://127.0.0.1:{port}/", {})
    assert deployment(jail) == "PACKAGE"


def test_a_read_only_root_without_a_volume_is_no_cause_for_a_warning(jail: Jail) -> None:
    """docker run --read-only --tmpfs /data/db"""
    before = jail.files()
    with receiving() as port:
        url = f"http://127.0.0.1:{port}/"
        log = run(jail, url, {"container": "docker"}, read_only=True, dbpath_in_memory=True)
    assert server.warnings(log) == []
    assert jail.files() == before


def test_a_made_up_user_in_a_read_only_root_is_no_cause_for_a_warning(jail: Jail) -> None:
    """docker run --user 1000620000:0 --read-only --tmpfs /data/db"""
    need_root("the server runs as another user")
    with receiving() as port:
        url = f"http://127.0.0.1:{port}/"
        variables = {"container": "docker"}
        log = run(jail, url, variables, read_only=True, dbpath_in_memory=True, uid=SOMEBODY)
    assert server.warnings(log) == []


def test_an_identity_that_a_made_up_user_cannot_read_is_one_warning(jail: Jail) -> None:
    """A volume that another user has written: the server runs, nothing is sent."""
    need_root("the server runs as another user")
    jail.dbpath.chmod(0o777)
    jail.put(f"{DBPATH[1:]}/telemetry_uuid", f"instanceId:{ID}\n")
    (jail.dbpath / "telemetry_uuid").chmod(0o600)
    log = run(jail, "http://127.0.0.1:9/", {"container": "docker"}, uid=SOMEBODY)
    [warning] = server.warnings(log)
    assert "telemetry_uuid cannot be read" in warning["attr"]["error"]


@pytest.mark.parametrize("variables", [{"PERCONA_TELEMETRY_DISABLE": "1"}, {}], ids=["off", "on"])
def test_a_made_up_user_who_cannot_enter_the_folder_of_the_switch_is_off(
    variables: dict[str, str], jail: Jail
) -> None:
    """A choice that may be there counts, and is no cause for a warning."""
    need_root("the server runs as another user")
    jail.dbpath.chmod(0o777)
    jail.put("etc/percona/other", "")
    (jail.root / "etc/percona").chmod(0o700)
    log = run(jail, "http://127.0.0.1:9/", variables, uid=SOMEBODY)
    assert len(server.telemetrys(log)) == 1
    assert server.telemetrys(log)[0][0] == "Telemetry disabled"
    assert server.warnings(log) == []


def test_no_network_is_one_line_of_information(jail: Jail) -> None:
    log = run(jail, "http://127.0.0.1:9/", {"container": "docker"})
    assert server.warnings(log) == []
    messages = [message for message, _ in server.telemetrys(log)]
    assert messages.count("Telemetry report delivery failed, will retry") == 1


def test_a_container_without_a_volume_keeps_the_identity_that_it_is_given(jail: Jail) -> None:
    with receiving() as port:
        run(jail, f"http://127.0.0.1:{port}/", {"PERCONA_INSTANCE_ID": ID})
    assert f"instanceId:{ID}\n" in (jail.dbpath / "telemetry_uuid").read_text()


# ---- the entrypoint's fragment -------------------------------------------------------------------


def entrypoint(shell: str, variables: dict[str, str]) -> dict[str, str]:
    """The variables that mongod gets of an entrypoint with the fragment in it."""
    text = f"set -eu\n{FRAGMENT.read_text()}\nexec env"
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
def test_an_entrypoint_passes_the_switches_on_as_they_are(
    shell: str, value: str, tmp_path: Path
) -> None:
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
