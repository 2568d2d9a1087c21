"""The commands that the documentation promises, on real systems; and the server that they install,
started as a service manager does: without the variables of the installation."""

from pathlib import Path

from support.case import DISABLED, REMEMBERED, Case


def test_sudo_with_the_variable_and_apt_install(debian: Case) -> None:
    machine = debian.machine
    command = f"sudo PERCONA_TELEMETRY_DISABLE=1 apt install -y {machine.take(debian.old)}"
    assert "the service starts, and finds: telemetry-disable" in machine.as_ann(command)
    assert machine.remembered() == REMEMBERED
    assert machine.is_silent()


def test_sudo_with_the_variable_and_yum_install(red_hat: Case) -> None:
    machine = red_hat.machine
    command = f"sudo PERCONA_TELEMETRY_DISABLE=1 yum install -y {machine.take(red_hat.old)}"
    assert "the service starts, and finds: telemetry-disable" in machine.as_ann(command)
    assert machine.remembered() == REMEMBERED
    assert machine.is_silent()


def test_the_variable_in_root_s_own_environment(debian: Case) -> None:
    command = (
        f"export PERCONA_TELEMETRY_DISABLE=1; apt install -y {debian.machine.take(debian.old)}"
    )
    debian.machine.sh(command)
    assert debian.machine.remembered() == REMEMBERED


def test_the_variable_before_sudo_is_dropped_by_sudo(debian: Case) -> None:
    """Why docs/opt-out.md says to look at the file after the installation."""
    command = f"PERCONA_TELEMETRY_DISABLE=1 sudo apt install -y {debian.machine.take(debian.old)}"
    debian.machine.as_ann(command)
    assert debian.machine.remembered() is None


def test_a_line_in_etc_environment_and_an_installation_that_does_not_inherit_it(
    case: Case,
) -> None:
    case.machine.sh("echo PERCONA_TELEMETRY_DISABLE=1 >>/etc/environment")
    case.machine.install(case.old)
    assert case.machine.remembered() == REMEMBERED
    assert case.machine.is_silent()


def test_without_the_variable_nothing_is_made_and_the_server_reports(case: Case) -> None:
    assert "the service starts, and finds: \n" in case.machine.install(case.old)
    assert case.machine.remembered() is None
    assert case.machine.sh("ls -d /etc/percona* || :").endswith("No such file or directory\n")
    assert case.machine.reports()


def test_rpm_from_outside_into_a_root(red_hat: Case) -> None:
    """As provisioning tools do."""
    machine = red_hat.machine
    inside = ["--root", str(machine.root), "--dbpath", "/var/lib/rpm"]
    machine.run("rpm", *inside, "--upgrade", red_hat.old, variables=DISABLED, outside=True)
    assert machine.remembered() == REMEMBERED
    assert machine.is_silent()


def test_dpkg_from_outside_into_a_root(debian: Case) -> None:
    machine = debian.machine
    inside = [f"--root={machine.root}"]
    machine.run("dpkg", *inside, "--install", debian.old, variables=DISABLED, outside=True)
    assert machine.remembered() == REMEMBERED
    assert machine.is_silent()


def test_dpkg_without_chroot(debian: Case) -> None:
    """DPKG_ROOT: the scripts run outside, and the choice is for the system inside."""
    machine = debian.machine
    options = [f"--root={machine.root}", "--force-script-chrootless"]
    install: list[str | Path] = ["dpkg", *options, "--install", debian.old]
    said = machine.run(*install, variables=DISABLED, outside=True)
    assert "cannot be made" not in said, "it was tried on this machine"
    assert machine.remembered() == REMEMBERED
