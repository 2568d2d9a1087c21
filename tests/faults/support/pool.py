"""Many cases of one promise, a few at a time."""

import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest

Case = TypeVar("Case")


def for_each(cases: Sequence[Case], place: Path, check: Callable[[Case, Path], None]) -> None:
    """Runs the check with each case and a folder for it, and fails with all that failed."""

    def run(index: int) -> str | None:
        folder = place / str(index)
        folder.mkdir()
        try:
            check(cases[index], folder)
        except Exception as error:  # told with the others
            notes = getattr(error, "__notes__", [])
            return "\n".join([f"--- {cases[index]}: {type(error).__name__}: {error}", *notes])
        shutil.rmtree(folder)
        return None

    assert cases, "there is nothing to check"
    with ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
        failures = [said for said in pool.map(run, range(len(cases))) if said is not None]
    if failures:
        told = [f"{len(failures)} of {len(cases)} failed", *failures]
        pytest.fail("\n".join(told), pytrace=False)
