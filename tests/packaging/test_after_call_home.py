"""An upgrade from a version that ran call-home.sh when it was installed: who opted out of that left
no trace but a report that is missing, and stays off until asked."""

import re

import pytest
from support.machine import DISABLED, Machine
from support.packages import NAME, NEW, OLD
from support.places import HOST_FILE
from support.shells import line

NEVER_REPORTED = line(
    NAME, "had not reported before its upgrade, as after an opt-out or without a network"
)
EARLIER = "/usr/local/percona/telemetry_uuid"


def test_who_had_opted_out_stays_off_and_is_told(machine: Machine) -> None:
    machine.install("calls home", DISABLED)
    assert machine.remembered() is None
    said = machine.install(NEW)
    assert f"{NAME}: telemetry stays off by {HOST_FILE}, which says why.\n" in said
    assert machine.remembered() == f"root 644\n{NEVER_REPORTED}"
    assert machine.is_silent()


def test_who_had_reported_stays_on_under_an_id_of_the_dbpath_s_own(machine: Machine) -> None:
    machine.install("calls home")
    earlier = machine.sh(f"cat {EARLIER}")
    machine.install(NEW)
    machine.expect_on()
    assert machine.sh(f"cat {EARLIER}") == earlier
    [earlier_id] = re.findall("instanceId:(.*)", earlier)
    assert earlier_id not in machine.identity()


@pytest.mark.parametrize("nothing", ["", "instanceId:x\nPRODUCT_FAMILY_PS:1\n"])
def test_a_file_without_a_report_of_this_product_is_no_report(
    machine: Machine, nothing: str
) -> None:
    """Another product's, or what is left where the network was down."""
    machine.install("calls home", DISABLED)
    machine.sh(f"mkdir -p /usr/local/percona && printf '{nothing}' >{EARLIER}")
    machine.install(NEW)
    assert machine.is_silent()


def test_who_asks_for_it_at_the_upgrade_is_on(machine: Machine) -> None:
    machine.install("calls home", DISABLED)
    machine.install(NEW, {"PERCONA_TELEMETRY_DISABLE": "0"})
    machine.expect_on()


def test_who_removes_the_file_stays_on_through_later_upgrades(machine: Machine) -> None:
    machine.install("calls home", DISABLED)
    machine.install(OLD, DISABLED)
    machine.sh(f"rm {HOST_FILE}")
    machine.install(NEW)
    machine.expect_on()


def test_a_choice_that_is_there_stays_as_it_is(machine: Machine) -> None:
    machine.install("calls home", DISABLED)
    machine.sh(f"mkdir /etc/percona && echo mine >{HOST_FILE}")
    assert "stays off" not in machine.install(NEW)
    assert machine.remembered() == "root 644\nmine\n"


def test_call_home_beside_the_library_breaks_no_installation(machine: Machine) -> None:
    """Its builder takes `exit 0` out of the whole script; check-package.sh finds such a package."""
    machine.install("calls home and has the library", DISABLED)
    machine.expect_off()
    machine.purge()
