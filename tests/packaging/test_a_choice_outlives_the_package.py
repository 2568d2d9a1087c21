"""An opt-out is the host's. No order of upgrade, removal, purge and rename loses it, whether the
variable is given again or not."""

import pytest
from support.machine import DISABLED, Debian, Machine
from support.packages import NAME, NEW, OLD, RENAMED
from support.places import HOST_FILE

each_given = pytest.mark.parametrize(
    "given", [DISABLED, {}], ids=["given again", "not given again"]
)


def take_steps(machine: Machine, steps: list[str], given: dict[str, str]) -> None:
    """From the old package, which was installed with the variable; each step is a package that is
    installed, or what else is done. The renamed package replaces the old one: rpm erases that one
    last, dpkg removes it first."""
    machine_steps = {"remove": machine.remove, "purge": machine.purge}
    machine.install(OLD, DISABLED)
    before = machine.sh(f"stat -c '%i %Y' {HOST_FILE}")
    for step in steps:
        if step in machine_steps:
            machine_steps[step]()
        elif step == "front end":
            purging = ["--purge"] if machine.kind == "deb" else []
            package = machine.bring("renamed")
            machine.run(*machine.front_end, *purging, package, variables=given)
        else:
            machine.install(step, given)
    machine.expect_off()
    assert machine.sh(f"stat -c '%i %Y' {HOST_FILE}") == before


@each_given
@pytest.mark.parametrize(
    "steps",
    [[NEW], ["remove", NEW], ["renamed"], ["remove", "renamed"], ["front end"]],
    ids=", ".join,
)
def test_to_the_next_package(steps: list[str], given: dict[str, str], machine: Machine) -> None:
    take_steps(machine, steps, given)
    assert machine.installed() in ({NAME: NEW}, {RENAMED: NEW}), "the old package is gone"


@each_given
@pytest.mark.parametrize(
    "steps", [["renamed", "purge"], ["purge", OLD], ["purge", NEW], ["purge", "renamed"]]
)
def test_through_a_purge(steps: list[str], given: dict[str, str], debian: Debian) -> None:
    take_steps(debian, steps, given)
