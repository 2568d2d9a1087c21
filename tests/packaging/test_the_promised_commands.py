"""The commands that the documentation promises, on real systems; and the server that they install,
started as a service manager does: without the variables of the installation."""

import pytest
from support.machine import DISABLED, REMEMBERED, Debian, Machine, RedHat
from support.packages import OLD


def test_sudo_with_the_variable(machine: Machine) -> None:
    install = " ".join([*machine.front_end, machine.bring(OLD)])
    said = machine.as_ann(f"sudo PERCONA_TELEMETRY_DISABLE=1 {install}")
    assert "the service starts, and finds: telemetry-disable" in said
    machine.expect_off()


def test_the_variable_in_root_s_own_environment(debian: Debian) -> None:
    install = " ".join([*debian.front_end, debian.bring(OLD)])
    debian.sh(f"export PERCONA_TELEMETRY_DISABLE=1; {install}")
    assert debian.remembered() == REMEMBERED


def test_the_variable_before_sudo_is_dropped_by_sudo(debian: Debian) -> None:
    """Why docs/opt-out.md says to look at the file after the installation."""
    install = " ".join([*debian.front_end, debian.bring(OLD)])
    debian.as_ann(f"PERCONA_TELEMETRY_DISABLE=1 sudo {install}")
    assert debian.remembered() is None


def test_a_line_in_etc_environment_and_an_installation_that_does_not_inherit_it(
    machine: Machine,
) -> None:
    machine.sh("echo PERCONA_TELEMETRY_DISABLE=1 >>/etc/environment")
    machine.install(OLD)
    machine.expect_off()


def test_without_the_variable_nothing_is_made_and_the_server_reports(machine: Machine) -> None:
    assert "the service starts, and finds: \n" in machine.install(OLD)
    assert machine.sh("ls -d /etc/percona* || :").endswith("No such file or directory\n")
    machine.expect_on()


def test_rpm_from_outside_into_a_root(red_hat: RedHat) -> None:
    """As provisioning tools do."""
    inside = ["--root", str(red_hat.root), "--dbpath", "/var/lib/rpm"]
    package = red_hat.package(OLD)
    red_hat.run("rpm", *inside, "--upgrade", package, variables=DISABLED, outside=True)
    red_hat.expect_off()


@pytest.mark.parametrize("options", [[], ["--force-script-chrootless"]])
def test_dpkg_from_outside_into_a_root(options: list[str], debian: Debian) -> None:
    """Without chroot the scripts run outside, and DPKG_ROOT says what the choice is for."""
    inside = [f"--root={debian.root}", *options]
    package = debian.package(OLD)
    said = debian.run("dpkg", *inside, "-i", package, variables=DISABLED, outside=True)
    assert "cannot be made" not in said, "it was tried on this machine"
    debian.expect_off()
