"""Who decides, over the life of a package; and an installation in two steps."""

import pytest
from support.machine import DISABLED, REMEMBERED, Debian, Machine, RedHat
from support.packages import NAME, NEW, OLD
from support.places import HOST_FILE


def test_an_upgrade_with_the_variable_makes_the_choice(machine: Machine) -> None:
    machine.install(OLD)
    assert machine.remembered() is None
    machine.install(NEW, DISABLED)
    machine.expect_off()


def test_a_choice_made_by_hand_stays_through_installation_upgrade_and_removal(
    machine: Machine,
) -> None:
    machine.sh(f"mkdir /etc/percona && echo mine >{HOST_FILE} && chmod 600 {HOST_FILE}")
    machine.install(OLD, DISABLED)
    machine.install(NEW)
    assert machine.is_silent()
    machine.sh(f"rm -rf /var/lib/{NAME}/*")
    machine.remove()
    assert machine.remembered() == "root 600\nmine\n"


@pytest.mark.parametrize("installed", [None, OLD])
@pytest.mark.parametrize(("unpack", "configure"), [(DISABLED, {}), ({}, DISABLED)])
def test_each_of_debian_s_two_steps_remembers(
    unpack: dict[str, str], configure: dict[str, str], installed: str | None, debian: Debian
) -> None:
    if installed:
        debian.install(installed)
    debian.run("dpkg", "--unpack", debian.bring(NEW), variables=unpack)
    assert debian.remembered() == (REMEMBERED if unpack else None)
    said = debian.run("dpkg", "--configure", "--pending", variables=configure)
    assert "finds: telemetry-disable\n" in said
    assert debian.remembered() == REMEMBERED


@pytest.mark.parametrize("left_out", ["--nopre", "--nopost"])
def test_each_of_red_hat_s_two_scriptlets_remembers(red_hat: RedHat, left_out: str) -> None:
    red_hat.run("rpm", "--install", left_out, red_hat.bring(OLD), variables=DISABLED)
    assert red_hat.remembered() == REMEMBERED


def test_a_folder_that_cannot_be_written_does_not_fail_the_installation(machine: Machine) -> None:
    said = machine.run(*machine.tool, machine.bring(OLD), variables=DISABLED, read_only="/etc")
    warning = f"telemetry is not off: {HOST_FILE} cannot be made."
    assert f"{NAME}: {warning}" in said
    assert machine.remembered() is None
