"""An upgrade from a version that ran call-home.sh when it was installed: who opted out of that left
no trace but a report that is missing, and stays off until asked."""

import re

import pytest
from support.case import DISABLED, Case
from support.packages import NAME, NEW, OLD
from support.places import HOST_FILE
from support.shells import line

NEVER_REPORTED = line(
    NAME, "had not reported before its upgrade, as after an opt-out or without a network"
)
EARLIER = "/usr/local/percona/telemetry_uuid"


def test_who_had_opted_out_stays_off_and_is_told(case: Case) -> None:
    case.install("calls home", DISABLED)
    assert case.machine.remembered() is None
    said = case.install(NEW)
    assert f"{NAME}: telemetry stays off by {HOST_FILE}, which says why.\n" in said
    assert case.machine.remembered() == f"root 644\n{NEVER_REPORTED}"
    assert case.machine.is_silent()


def test_who_had_reported_stays_on_under_an_id_of_the_dbpath_s_own(case: Case) -> None:
    case.install("calls home")
    earlier = case.machine.sh(f"cat {EARLIER}")
    case.install(NEW)
    case.expect_on()
    assert case.machine.sh(f"cat {EARLIER}") == earlier
    [earlier_id] = re.findall("instanceId:(.*)", earlier)
    assert earlier_id not in case.machine.identity()


@pytest.mark.parametrize("nothing", ["", "instanceId:x\nPRODUCT_FAMILY_PS:1\n"])
def test_a_file_without_a_report_of_this_product_is_no_report(case: Case, nothing: str) -> None:
    """Another product's, or what is left where the network was down."""
    case.install("calls home", DISABLED)
    case.machine.sh(f"mkdir -p /usr/local/percona && printf '{nothing}' >{EARLIER}")
    case.install(NEW)
    assert case.machine.is_silent()


def test_who_asks_for_it_at_the_upgrade_is_on(case: Case) -> None:
    case.install("calls home", DISABLED)
    case.install(NEW, {"PERCONA_TELEMETRY_DISABLE": "0"})
    case.expect_on()


def test_who_removes_the_file_stays_on_through_later_upgrades(case: Case) -> None:
    case.install("calls home", DISABLED)
    case.install(OLD, DISABLED)
    case.machine.sh(f"rm {HOST_FILE}")
    case.install(NEW)
    case.expect_on()


def test_a_choice_that_is_there_stays_as_it_is(case: Case) -> None:
    case.install("calls home", DISABLED)
    case.machine.sh(f"mkdir /etc/percona && echo mine >{HOST_FILE}")
    assert "stays off" not in case.install(NEW)
    assert case.machine.remembered() == "root 644\nmine\n"


def test_call_home_beside_the_library_breaks_no_installation(case: Case) -> None:
    """Its builder takes `exit 0` out of the whole script; check-package.sh finds such a package."""
    case.install("calls home and has the library", DISABLED)
    case.expect_off()
    case.machine.purge()
