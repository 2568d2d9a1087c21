"""shellcheck, lintian and rpmlint have nothing to say; rpm changes nothing in the text."""

import os
import subprocess
from pathlib import Path

import pytest
from support.packages import NAME, OLD, SCRIPTS, Packages, debian_script
from support.places import OPT_OUT, PACKAGING, REPOSITORY, SAMPLE
from support.rights import need_tool
from support.shells import SHELLS

FRAGMENTS = sorted(
    [OPT_OUT, PACKAGING / "docker/telemetry.sh"]
    + [path for folder in ("debian", "rpm") for path in (PACKAGING / folder).glob("p*")]
)

# What they say of the sample, and not of the fragments: it is not uploaded, signed or documented,
# and its spec is for a present rpm.
OF_THE_SAMPLE_DEB = ["no-manual-page", "initial-upload-closes-no-bugs"]
OF_THE_SAMPLE_RPM = [
    *("no-documentation", "no-manual-page-for-binary", "no-signature", "no-packager-tag"),
    *("no-group-tag", "no-buildroot-tag", "no-%prep-section", "no-%build-section"),
    *("macro-in-%changelog", "invalid-license"),
]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_fragment_is_a_script(fragment: Path, shell: str) -> None:
    need_tool(SHELLS[shell][0])
    subprocess.run([*SHELLS[shell], "-n", fragment], check=True)


def test_shellcheck() -> None:
    need_tool("shellcheck")
    scripts = REPOSITORY.glob("tests/packaging/*.sh")
    subprocess.run(["shellcheck", *scripts], check=True)
    subprocess.run(["shellcheck", "--shell=sh", *FRAGMENTS], check=True)
    for name in SCRIPTS:
        whole = ["shellcheck", "-"]
        subprocess.run(whole, input=debian_script(name), text=True, check=True)


def test_there_is_nothing_that_rpm_takes_for_a_macro() -> None:
    assert "%" not in OPT_OUT.read_text()
    for path in (PACKAGING / "rpm").glob("p*"):
        assert "%" not in path.read_text().replace("%{name}", "")


def test_both_packages_carry_the_functions_word_for_word(packages: Packages) -> None:
    text = OPT_OUT.read_text().rstrip()
    for name in ("preinst", "postinst"):
        control = ["dpkg-deb", "--ctrl-tarfile", str(packages("deb 1.0"))]
        archive = subprocess.run(control, capture_output=True, check=True).stdout
        extract = ["tar", "-xO", f"./{name}"]
        script = subprocess.run(extract, input=archive, capture_output=True, check=True).stdout
        assert script.decode().count(text) == 1
    for tag in ("PREIN", "POSTIN"):
        query = ["rpm", "--query", "--package", "--queryformat", f"%{{{tag}}}"]
        script = subprocess.run(
            [*query, packages("rpm 1.0")], capture_output=True, check=True
        ).stdout
        assert script.decode().count(text) == 1


def test_lintian(packages: Packages) -> None:
    need_tool("lintian")
    suppressed = ",".join(OF_THE_SAMPLE_DEB)
    run = subprocess.run(
        ["lintian", "--allow-root", "--fail-on", "warning", "--suppress-tags", suppressed]
        + [str(packages("deb 1.0"))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout) == (0, ""), run.stdout + run.stderr


def test_rpmlint(packages: Packages, tmp_path: Path) -> None:
    need_tool("rpmlint")
    filters = tmp_path / "filters.toml"
    filters.write_text(f"Filters = {OF_THE_SAMPLE_RPM}\n")
    macros = f"%packaging {PACKAGING}\n%sample_name {NAME}\n%sample_version {OLD}\n"
    (tmp_path / ".rpmmacros").write_text(macros)
    run = subprocess.run(
        ["rpmlint", "--config", filters, packages("rpm 1.0"), SAMPLE / "rpm/sample.spec"],
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "0 errors, 0 warnings" in run.stdout, run.stdout + run.stderr
