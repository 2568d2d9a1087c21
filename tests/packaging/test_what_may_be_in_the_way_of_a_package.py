"""Real installations on systems that are not as they should be, or under attack."""

from support.case import DISABLED, LINE, REMEMBERED, Case
from support.machine import Debian
from support.packages import NAME
from support.places import HOST_FILE
from support.values import OFF


def test_a_folder_that_cannot_be_written_does_not_fail_the_installation(case: Case) -> None:
    machine = case.machine
    package = machine.take(case.old)
    install = ["dpkg", "--install"] if isinstance(machine, Debian) else ["rpm", "--install"]
    said = machine.run(*install, package, variables=DISABLED, read_only="/etc")
    warning = "telemetry is not off: /etc/percona/telemetry-disable cannot be made."
    assert f"{NAME}: {warning}" in said
    assert machine.remembered() is None


def test_planted_links_are_not_followed(case: Case) -> None:
    machine = case.machine
    machine.sh("mkdir /srv/elsewhere && ln -s /srv/elsewhere /etc/percona")
    machine.install(case.old, DISABLED)
    machine.remove()
    assert machine.sh("ls -A /srv/elsewhere") == ""

    machine.sh(f"rm /etc/percona && mkdir /etc/percona && ln -s /srv/elsewhere/x {HOST_FILE}")
    machine.install(case.old, DISABLED)
    machine.remove()
    assert machine.sh("ls -A /srv/elsewhere") == ""
    assert machine.sh(f"readlink {HOST_FILE}") == "/srv/elsewhere/x\n"


def test_a_planted_link_with_a_choice_behind_it_is_a_choice(case: Case) -> None:
    """A link is not followed to write, but the server looks behind it."""
    machine = case.machine
    machine.sh("mkdir /srv/ours && touch /srv/ours/telemetry-disable")
    machine.sh("ln -s /srv/ours /etc/percona")
    assert "cannot be made" not in machine.install(case.old, DISABLED)
    assert machine.is_silent()


def test_an_odd_umask_gives_a_file_that_the_server_s_user_can_see(case: Case) -> None:
    machine = case.machine
    install = "dpkg --install" if isinstance(machine, Debian) else "rpm --install"
    package = machine.take(case.old)
    machine.run("sh", "-c", f"umask 077 && {install} {package}", variables=DISABLED)
    assert machine.remembered() == REMEMBERED
    assert machine.sh(f"su ann -c 'cat {HOST_FILE}'") == LINE


def test_no_value_is_run_and_nothing_is_left_behind(case: Case) -> None:
    machine = case.machine
    values = [value for value in OFF if b"touch" in value or b"\n" in value or b"1/0" in value]
    assert len(values) > 8
    install = ["dpkg", "--install"] if isinstance(machine, Debian) else ["rpm", "--force", "-U"]
    package = machine.take(case.old)
    for value in values:
        machine.sh("rm -rf /etc/percona")
        machine.run(*install, package, variables={"PERCONA_TELEMETRY_DISABLE": value})
        assert machine.remembered() == REMEMBERED
    assert machine.sh("find / -xdev -name '*pwned*'; ls -A /tmp /var/tmp").split() == [
        "/tmp:",
        "/var/tmp:",
    ]


def test_a_value_that_means_stay_on_leaves_it_on(case: Case) -> None:
    case.machine.install(case.old, {"PERCONA_TELEMETRY_DISABLE": "false"})
    assert case.machine.remembered() is None
    assert case.machine.reports()


def test_do_not_track_is_for_the_server_s_environment_and_not_for_the_installation(
    case: Case,
) -> None:
    case.machine.install(case.old, {"DO_NOT_TRACK": "1"})
    assert case.machine.remembered() is None
