"""telemetry_uuid is 0600 from its first byte to its last, and readable at the next start."""

from pathlib import Path

import pytest
from support.reports import identity
from support.runs import start_again, traced_run, with_umask
from support.scenarios import FILE, LOCK, scenario_named

FIRST_START = scenario_named("first start")


@pytest.mark.parametrize("umask", ["000", "022", "077", "277", "777"])
def test_the_mode(umask: str, tmp_path: Path) -> None:
    dbpath = FIRST_START.prepare(tmp_path)
    outcome, trace = traced_run(FIRST_START, dbpath, within=with_umask(umask))
    assert identity(dbpath)["PRODUCT_FAMILY_PSMDB"] == "1"
    assert (dbpath / FILE).stat().st_mode & 0o7777 == 0o600

    created = [call for call in trace.calls if "O_CREAT" in call.text]
    assert created and all("O_EXCL" in call.text and "0600" in call.text for call in created)
    changed = [call for call in trace.calls if call.name == "fchmod"]
    assert all(", 0600)" in call.text for call in changed)
    # Only where the umask has taken away what the server needs.
    assert bool(changed) is bool(int(umask, 8) & 0o600)

    (dbpath / LOCK).chmod(0o600)  # the server's own
    start_again(FIRST_START, dbpath, outcome.requests)
