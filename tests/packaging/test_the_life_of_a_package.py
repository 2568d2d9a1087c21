"""Who decides, over the life of a package; and an installation in two steps."""

import pytest
from support.case import DISABLED, REMEMBERED, Case
from support.packages import NAME, NEW, OLD
from support.places import HOST_FILE


def test_an_upgrade_with_the_variable_makes_the_choice(case: Case) -> None:
    case.install(OLD)
    assert case.machine.remembered() is None
    case.install(NEW, DISABLED)
    case.expect_off()


def test_a_choice_made_by_hand_stays_through_installation_upgrade_and_removal(case: Case) -> None:
    case.machine.sh(f"mkdir /etc/percona && echo mine >{HOST_FILE} && chmod 600 {HOST_FILE}")
    case.install(OLD, DISABLED)
    case.install(NEW)
    assert case.machine.is_silent()
    case.machine.sh(f"rm -rf /var/lib/{NAME}/*")
    case.machine.remove()
    assert case.machine.remembered() == "root 600\nmine\n"


@pytest.mark.parametrize("installed", [None, OLD])
@pytest.mark.parametrize(("unpack", "configure"), [(DISABLED, {}), ({}, DISABLED)])
def test_each_of_debian_s_two_steps_remembers(
    unpack: dict[str, str], configure: dict[str, str], installed: str | None, debian: Case
) -> None:
    if installed:
        debian.install(installed)
    debian.machine.run("dpkg", "--unpack", debian.take(NEW), variables=unpack)
    assert debian.machine.remembered() == (REMEMBERED if unpack else None)
    said = debian.machine.run("dpkg", "--configure", "--pending", variables=configure)
    assert "finds: telemetry-disable\n" in said
    assert debian.machine.remembered() == REMEMBERED


@pytest.mark.parametrize("left_out", ["--nopre", "--nopost"])
def test_each_of_red_hat_s_two_scriptlets_remembers(red_hat: Case, left_out: str) -> None:
    red_hat.machine.run("rpm", "--install", left_out, red_hat.take(OLD), variables=DISABLED)
    assert red_hat.machine.remembered() == REMEMBERED


def test_a_folder_that_cannot_be_written_does_not_fail_the_installation(case: Case) -> None:
    machine = case.machine
    said = machine.run(*machine.tool, case.take(OLD), variables=DISABLED, read_only="/etc")
    warning = f"telemetry is not off: {HOST_FILE} cannot be made."
    assert f"{NAME}: {warning}" in said
    assert machine.remembered() is None
