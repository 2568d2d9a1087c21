"""Who decides, over the life of a package; and an installation in two steps."""

import pytest
from support.case import DISABLED, REMEMBERED, Case
from support.machine import Debian
from support.packages import NAME
from support.places import HOST_FILE


def test_an_upgrade_with_the_variable_makes_the_choice(case: Case) -> None:
    case.machine.install(case.old)
    assert case.machine.remembered() is None
    case.machine.install(case.new, DISABLED)
    assert case.machine.remembered() == REMEMBERED
    assert case.machine.is_silent()


def test_what_was_undone_by_hand_stays_undone_on_upgrade(case: Case) -> None:
    case.machine.install(case.old, DISABLED)
    case.machine.sh(f"rm {HOST_FILE}")
    case.machine.install(case.new)
    assert case.machine.remembered() is None
    assert case.machine.reports()


def test_a_choice_made_by_hand_stays_through_installation_upgrade_and_removal(case: Case) -> None:
    case.machine.sh(f"mkdir /etc/percona && echo mine >{HOST_FILE} && chmod 600 {HOST_FILE}")
    case.machine.install(case.old, DISABLED)
    case.machine.install(case.new)
    assert case.machine.is_silent()
    case.machine.sh(f"rm -rf /var/lib/{NAME}/*")
    case.machine.remove()
    assert case.machine.remembered() == "root 600\nmine\n"


@pytest.mark.parametrize("upgrade", [False, True], ids=["installation", "upgrade"])
def test_unpacked_with_the_variable_and_configured_without(debian: Case, upgrade: bool) -> None:
    machine = debian.machine
    if upgrade:
        machine.install(debian.old)
    package = machine.take(debian.new)
    machine.run("dpkg", "--unpack", package, variables=DISABLED)
    assert "finds: telemetry-disable\n" in machine.run("dpkg", "--configure", "--pending")
    assert machine.remembered() == REMEMBERED


def test_unpacked_without_the_variable_and_configured_with_it(debian: Case) -> None:
    machine = debian.machine
    machine.run("dpkg", "--unpack", machine.take(debian.old))
    assert machine.remembered() is None
    configured = machine.run("dpkg", "--configure", "--pending", variables=DISABLED)
    assert "finds: telemetry-disable\n" in configured
    assert machine.remembered() == REMEMBERED


@pytest.mark.parametrize("left_out", ["--nopre", "--nopost"])
def test_each_of_red_hat_s_two_scriptlets_remembers(red_hat: Case, left_out: str) -> None:
    machine = red_hat.machine
    machine.run("rpm", "--install", left_out, machine.take(red_hat.old), variables=DISABLED)
    assert machine.remembered() == REMEMBERED
