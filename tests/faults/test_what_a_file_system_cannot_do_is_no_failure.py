"""CIFS, 9p, vboxsf and FUSE do not sync a folder, or keep no mode of a file's own, and say so: the
report is sent all the same. What the disk fails to do is a failure still."""

from pathlib import Path

import pytest
from support.counts import count
from support.runs import Outcome, complaints, start_again, traced_run, with_umask
from support.scenarios import FILE, scenario_named
from support.tracing import Trace

FIRST_START = scenario_named("first start")
SYNC_OF_FILE, SYNC_OF_FOLDER = 1, 2


def first_start(tmp_path: Path, fault: str, *, umask: str = "022") -> tuple[Outcome, Trace]:
    within = with_umask(umask)
    return traced_run(FIRST_START, FIRST_START.prepare(tmp_path), fault, within=within)


@pytest.mark.parametrize("error", ["EINVAL", "EOPNOTSUPP", "ENOSYS"])
def test_to_sync_the_folder(error: str, tmp_path: Path) -> None:
    outcome, trace = first_start(tmp_path, f"fsync:error={error}:when={SYNC_OF_FOLDER}")
    assert [call.syncs_folder for call in trace.injected] == [True]
    expect_sent(outcome, tmp_path / "db")
    count("errors", f"{error} of a folder's fsync")


@pytest.mark.parametrize("error", ["EPERM", "EOPNOTSUPP", "ENOSYS"])
def test_to_change_the_mode(error: str, tmp_path: Path) -> None:
    """The umask makes it another mode than was asked for."""
    outcome, trace = first_start(tmp_path, f"fchmod:error={error}", umask="277")
    assert len(trace.injected) == 1
    file = tmp_path / "db" / FILE
    assert file.stat().st_mode & 0o7777 == 0o400
    file.chmod(0o600)  # what the next start is held to
    expect_sent(outcome, tmp_path / "db")
    count("errors", f"{error} of fchmod")


@pytest.mark.parametrize("error", ["EINVAL", "EOPNOTSUPP", "ENOSYS"])
def test_but_a_file_that_is_not_synced_is_not_stored(error: str, tmp_path: Path) -> None:
    outcome, trace = first_start(tmp_path, f"fsync:error={error}:when={SYNC_OF_FILE}")
    assert [call.syncs_folder for call in trace.injected] == [False]
    assert (outcome.status["state"], outcome.requests) == ("failed", [])
    [warning] = complaints(FIRST_START, outcome)
    assert f"{FILE} cannot be written (" in warning
    assert FIRST_START.state(tmp_path / "db") == "nothing"
    start_again(FIRST_START, tmp_path / "db", [])
    count("errors", f"{error} of the file's fsync")


def expect_sent(outcome: Outcome, dbpath: Path) -> None:
    assert (outcome.status["state"], len(outcome.requests)) == ("sent", 1), outcome.status
    assert (outcome.status["lastError"], outcome.warnings) == (None, [])
    assert FIRST_START.state(dbpath) == "reported"
    start_again(FIRST_START, dbpath, outcome.requests)
