"""shellcheck, lintian and rpmlint have nothing to say; rpm changes nothing in the text."""

import subprocess
from pathlib import Path

from support.packages import NEW, Packages, debian_script
from support.places import FRAGMENTS, OPT_OUT, PACKAGING
from support.rights import need_tool
from support.shells import outcome

EVERYTHING = [*FRAGMENTS, PACKAGING / "docker/telemetry.sh"]
SCRIPTS = ("preinst", "postinst")

# What they say of the sample, and not of the fragments: it is not uploaded, signed or documented,
# and its scripts are as awkward as those of real packages.
OF_THE_SAMPLE_DEB = [
    *("no-manual-page", "initial-upload-closes-no-bugs"),
    *("maintainer-script-ignores-errors", "maintainer-script-needs-depends-on-adduser"),
]
OF_THE_SAMPLE_RPM = [
    *("no-documentation", "no-manual-page-for-binary", "no-signature", "no-packager-tag"),
    *("no-group-tag", "invalid-license", "dangerous-command-in-%post"),
    "shell-syntax-error-in-%post",  # it is in bash, and rpmlint takes this machine's sh
]


def test_shellcheck() -> None:
    need_tool("shellcheck")
    subprocess.run(["shellcheck", "--shell=sh", *EVERYTHING], check=True)
    for name in SCRIPTS:
        whole = ["shellcheck", "--exclude=SC1091", "-"]  # debconf is not at hand
        subprocess.run(whole, input=debian_script(name), text=True, check=True)


def test_there_is_nothing_that_rpm_takes_for_a_macro() -> None:
    assert "%" not in OPT_OUT.read_text()
    for path in (PACKAGING / "rpm").glob("telemetry-*"):
        assert "%" not in path.read_text().replace("%{name}-server", "")


def test_there_is_nothing_that_a_builder_takes_for_its_own() -> None:
    """Percona's takes `exit 0` out of whole scripts, and fills @@WORDS@@ in."""
    for path in FRAGMENTS:
        assert "exit" not in path.read_text()
        assert "@@" not in path.read_text()


def test_both_packages_carry_the_functions_word_for_word(packages: Packages) -> None:
    text = OPT_OUT.read_text().rstrip()
    for name in SCRIPTS:
        assert outcome("dpkg-deb", "--info", packages("deb", NEW), name)[1].count(text) == 1
    for tag in ("PREIN", "POSTIN"):
        query = ["rpm", "--query", "--package", "--queryformat", f"%{{{tag}}}"]
        assert outcome(*query, packages("rpm", NEW))[1].count(text) == 1


def test_lintian(packages: Packages) -> None:
    need_tool("lintian")
    suppressed = ",".join(OF_THE_SAMPLE_DEB)
    options = ["--allow-root", "--fail-on", "warning", "--suppress-tags", suppressed]
    assert outcome("lintian", *options, packages("deb", NEW)) == (0, "")


def test_rpmlint(packages: Packages, tmp_path: Path) -> None:
    need_tool("rpmlint")
    filters = tmp_path / "filters.toml"
    filters.write_text(f"Filters = {OF_THE_SAMPLE_RPM}\n")
    _, said = outcome("rpmlint", "--config", filters, packages("rpm", NEW))
    assert "0 errors, 0 warnings" in said, said
