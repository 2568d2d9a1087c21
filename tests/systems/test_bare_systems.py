"""On each system that the library is built on, with the system's own tools: the build, programs that
link what it makes, a first start, and the ways to opt out."""

import json

import pytest
from bare import DBPATH, REPORTS, Bare
from support.places import HOST_FILE
from support.host import Host
from support.server import DELIVERED, DISABLED, off_by
from versions import asked_for, documented

# Of tests/link, what takes g++ and its linker alone.
CONSUMERS = [
    "the_example_of_the_readme_runs",
    "the_header_stands_alone",
    "layout_and_versions_are_those_of_the_archive",
    "it_links_with_every_linker",
    "the_symbols_are_those_that_are_documented",
]


def test_make_run_shows_the_main_job(system: Bare, shown: str) -> None:
    assert "nothing was sent: the receiver got one request in all" in shown
    assert f'{{"key":"hardware_arch","value":"{system.kind.hardware} ' in shown


@pytest.mark.usefixtures("shown")
def test_programs_link_and_run(system: Bare) -> None:
    system.do(f"COMPILERS=g++ LINKERS=bfd tests/link/run.sh {' '.join(CONSUMERS)}")


@pytest.mark.usefixtures("shown")
def test_the_archive_asks_for_the_versions_that_are_documented(system: Bare) -> None:
    versions = asked_for(
        system.made / "lib/libpsmdb_telemetry.a", system.made / "bin/telemetry-host"
    )
    assert documented(system.kind.title) == versions


@pytest.mark.usefixtures("shown")
def test_a_first_start_reports_once(system: Bare) -> None:
    system.on_a_new_dbpath()
    system.serve({}, until=DELIVERED)
    system.serve({}, until="Telemetry enabled, report already delivered")
    [name, identity] = system.written()
    assert identity == "telemetry_uuid"
    report = json.loads((system.upper / REPORTS[1:] / name).read_text())
    metrics = {metric["key"]: metric["value"] for metric in report["reports"][0]["metrics"]}
    assert metrics["OS"].startswith(f"Debian GNU/Linux {system.kind.title[7:9]} ")
    assert metrics["hardware_arch"].startswith(f"{system.kind.hardware} ")


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("switch", ["PERCONA_TELEMETRY_DISABLE", "DO_NOT_TRACK"])
def test_a_variable_opts_out(switch: str, system: Bare) -> None:
    system.on_a_new_dbpath()
    assert system.serve({switch: "1"}, until=DISABLED) == off_by(switch)
    assert system.written() == []


@pytest.mark.usefixtures("shown")
def test_the_file_of_the_host_opts_out(system: Bare) -> None:
    system.on_a_new_dbpath()
    system.do(f"mkdir -p /etc/percona; touch {HOST_FILE}")
    assert system.serve({}, until=DISABLED) == off_by(HOST_FILE)
    system.do(f"rm {HOST_FILE}")
    assert system.written() == []


@pytest.mark.usefixtures("shown")
def test_the_parameter_opts_out(system: Bare) -> None:
    system.on_a_new_dbpath()
    option = ("--setParameter", "perconaTelemetry=false")
    log = system.serve({}, *option, until=DISABLED)
    assert log == off_by("perconaTelemetry")
    assert system.written() == []


@pytest.mark.usefixtures("shown")
def test_an_opt_out_at_run_time_is_remembered(system: Bare) -> None:
    system.on_a_new_dbpath()
    system.serve({}, until=DELIVERED, meanwhile=Host.opt_out)
    assert "optOut:1" in (system.upper / DBPATH[1:] / "telemetry_uuid").read_text()
    log = system.serve({}, until=DISABLED)
    assert log == off_by("optOut in telemetry_uuid")
