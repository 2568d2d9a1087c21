"""An opt-out is the host's. No order of upgrade, removal, purge and rename loses it, whether the
variable is given again or not."""

import pytest
from support.case import DISABLED, Case
from support.packages import NAME, NEW, OLD, RENAMED
from support.places import HOST_FILE

each_given = pytest.mark.parametrize(
    "given", [DISABLED, {}], ids=["given again", "not given again"]
)


def take_steps(case: Case, steps: list[str], given: dict[str, str]) -> None:
    """From the old package, which was installed with the variable; each step is a package that is
    installed, or what else is done. The renamed package replaces the old one: rpm erases that one
    last, dpkg removes it first."""
    machine = case.machine
    machine_steps = {"remove": machine.remove, "purge": machine.purge}
    case.install(OLD, DISABLED)
    before = machine.sh(f"stat -c '%i %Y' {HOST_FILE}")
    for step in steps:
        if step in machine_steps:
            machine_steps[step]()
        elif step == "front end":
            purging = ["--purge"] if case.kind == "deb" else []
            package = case.take("renamed")
            machine.run(*machine.front_end, *purging, package, variables=given)
        else:
            case.install(step, given)
    case.expect_off()
    assert machine.sh(f"stat -c '%i %Y' {HOST_FILE}") == before


@each_given
@pytest.mark.parametrize(
    "steps",
    [[NEW], ["remove", NEW], ["renamed"], ["remove", "renamed"], ["front end"]],
    ids=", ".join,
)
def test_to_the_next_package(steps: list[str], given: dict[str, str], case: Case) -> None:
    take_steps(case, steps, given)
    assert case.machine.installed() in ({NAME: NEW}, {RENAMED: NEW}), "the old package is gone"


@each_given
@pytest.mark.parametrize(
    "steps", [["renamed", "purge"], ["purge", OLD], ["purge", NEW], ["purge", "renamed"]]
)
def test_through_a_purge(steps: list[str], given: dict[str, str], debian: Case) -> None:
    take_steps(debian, steps, given)
