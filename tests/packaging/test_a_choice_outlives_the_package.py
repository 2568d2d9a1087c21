"""An opt-out is the host's. No order of upgrade, removal, purge and rename loses it, whether the
variable is given again or not."""

from collections.abc import Callable

import pytest
from support.case import DISABLED, REMEMBERED, Case
from support.machine import Debian
from support.packages import NAME, NEW, RENAMED
from support.places import HOST_FILE

Given = dict[str, str]

each_given = pytest.mark.parametrize(
    "given", [DISABLED, {}], ids=["given again", "not given again"]
)


def upgrade(case: Case, given: Given) -> None:
    case.machine.install(case.new, given)


def remove_then_install_the_next_version(case: Case, given: Given) -> None:
    case.machine.remove()
    case.machine.install(case.new, given)


def install_a_renamed_package(case: Case, given: Given) -> None:
    """rpm erases the old package last, dpkg removes it first."""
    case.machine.install(case.renamed, given)


def remove_then_install_a_renamed_package(case: Case, given: Given) -> None:
    case.machine.remove()
    case.machine.install(case.renamed, given)


def let_the_front_end_replace_it(case: Case, given: Given) -> None:
    package = case.machine.take(case.renamed)
    tool = ["apt", "--purge"] if isinstance(case.machine, Debian) else ["yum"]
    case.machine.run(*tool, "install", "-y", package, variables=given)


@each_given
@pytest.mark.parametrize(
    "change",
    [
        upgrade,
        remove_then_install_the_next_version,
        install_a_renamed_package,
        remove_then_install_a_renamed_package,
        let_the_front_end_replace_it,
    ],
)
def test_to_the_next_package(
    change: Callable[[Case, Given], None], given: Given, case: Case
) -> None:
    case.machine.install(case.old, DISABLED)
    before = case.machine.sh(f"stat -c '%i %Y' {HOST_FILE}")
    change(case, given)
    installed = case.machine.installed()
    assert installed in ({NAME: NEW}, {RENAMED: NEW}), "the old package is gone"
    assert case.machine.remembered() == REMEMBERED
    assert case.machine.sh(f"stat -c '%i %Y' {HOST_FILE}") == before
    assert case.machine.is_silent()


@each_given
def test_through_the_purge_of_a_package_that_was_replaced(given: Given, debian: Case) -> None:
    machine = debian.machine
    assert isinstance(machine, Debian)
    machine.install(debian.old, DISABLED)
    machine.install(debian.renamed, given)
    machine.purge()
    assert machine.remembered() == REMEMBERED
    assert machine.is_silent()


@each_given
@pytest.mark.parametrize("next_one", ["old", "new", "renamed"])
def test_through_a_purge_before_the_next_installation(
    next_one: str, given: Given, debian: Case
) -> None:
    machine = debian.machine
    assert isinstance(machine, Debian)
    machine.install(debian.old, DISABLED)
    machine.purge()
    assert machine.remembered() == REMEMBERED
    machine.install(getattr(debian, next_one), given)
    assert machine.remembered() == REMEMBERED
    assert machine.is_silent()
