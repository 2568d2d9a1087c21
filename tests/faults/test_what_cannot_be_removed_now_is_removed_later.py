"""A disk on which neither the rename nor the clean-up works: the first error is told, and the
next start that finds the temporary file removes it."""

from pathlib import Path

import pytest
from support.counts import count
from support.lives import LIVES, TEMPORARY, Life
from support.runs import complaints, live, start_again
from support.tracing import need_strace, tracing

# Those whose first rename is the identity's only one, or fails all that comes after it.
ONES = [life for life in LIVES if life.name != "corrupt file" and not life.waits]


@pytest.mark.parametrize("life", ONES, ids=lambda life: life.name)
def test_a_rename_and_an_unlink_that_fail(life: Life, tmp_path: Path) -> None:
    need_strace()
    dbpath = life.prepare(tmp_path)
    faults = ["renameat:error=EDQUOT:when=1", "unlinkat:error=EIO"]
    lived = live(life, dbpath, tracing(tmp_path / "trace", dbpath, *faults))
    assert (dbpath / TEMPORARY).is_file()
    assert life.state(dbpath) == life.states[0]
    assert "Disk quota exceeded" in complaints(life, lived)[0]
    start_again(life, dbpath, lived.requests)
    count("errors", "two at once")
