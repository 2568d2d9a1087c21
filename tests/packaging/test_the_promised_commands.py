"""The commands that the documentation promises, on real systems; and the server that they install,
started as a service manager does: without the variables of the installation."""

import pytest
from support.case import DISABLED, REMEMBERED, Case
from support.packages import OLD


def test_sudo_with_the_variable(case: Case) -> None:
    install = " ".join([*case.machine.front_end, case.take(OLD)])
    said = case.machine.as_ann(f"sudo PERCONA_TELEMETRY_DISABLE=1 {install}")
    assert "the service starts, and finds: telemetry-disable" in said
    case.expect_off()


def test_the_variable_in_root_s_own_environment(debian: Case) -> None:
    install = " ".join([*debian.machine.front_end, debian.take(OLD)])
    debian.machine.sh(f"export PERCONA_TELEMETRY_DISABLE=1; {install}")
    assert debian.machine.remembered() == REMEMBERED


def test_the_variable_before_sudo_is_dropped_by_sudo(debian: Case) -> None:
    """Why docs/opt-out.md says to look at the file after the installation."""
    install = " ".join([*debian.machine.front_end, debian.take(OLD)])
    debian.machine.as_ann(f"PERCONA_TELEMETRY_DISABLE=1 sudo {install}")
    assert debian.machine.remembered() is None


def test_a_line_in_etc_environment_and_an_installation_that_does_not_inherit_it(
    case: Case,
) -> None:
    case.machine.sh("echo PERCONA_TELEMETRY_DISABLE=1 >>/etc/environment")
    case.install(OLD)
    case.expect_off()


def test_without_the_variable_nothing_is_made_and_the_server_reports(case: Case) -> None:
    assert "the service starts, and finds: \n" in case.install(OLD)
    assert case.machine.sh("ls -d /etc/percona* || :").endswith("No such file or directory\n")
    case.expect_on()


def test_rpm_from_outside_into_a_root(red_hat: Case) -> None:
    """As provisioning tools do."""
    inside = ["--root", str(red_hat.machine.root), "--dbpath", "/var/lib/rpm"]
    package = red_hat.packages("rpm", OLD)
    red_hat.machine.run("rpm", *inside, "--upgrade", package, variables=DISABLED, outside=True)
    red_hat.expect_off()


@pytest.mark.parametrize("options", [[], ["--force-script-chrootless"]])
def test_dpkg_from_outside_into_a_root(options: list[str], debian: Case) -> None:
    """Without chroot the scripts run outside, and DPKG_ROOT says what the choice is for."""
    inside = [f"--root={debian.machine.root}", *options]
    package = debian.packages("deb", OLD)
    said = debian.machine.run("dpkg", *inside, "-i", package, variables=DISABLED, outside=True)
    assert "cannot be made" not in said, "it was tried on this machine"
    debian.expect_off()
