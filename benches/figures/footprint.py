"""What the library adds to a program and to its build."""

import os
import re
import resource
import subprocess
import tempfile
import time
from pathlib import Path

from measuring.dependencies import WITH_HTTPS, WITHOUT_HTTPS, crates
from measuring.places import ARCHIVE, ARCHIVE_WITHOUT_HTTPS, BUILD, ROOT
from measuring.table import Row, Section


def section() -> Section:
    return Section("footprint", "size and build", [
        *_growth("with https", ARCHIVE, "growth_with_https"),
        *_growth("without https", ARCHIVE_WITHOUT_HTTPS, "growth_without_https"),
        Row("crates with https", len(crates(*WITH_HTTPS)), "", "crates_with_https"),
        Row("crates without https", len(crates(*WITHOUT_HTTPS)), "", "crates_without_https"),
        *_cold_build(),
    ])


def _growth(name: str, archive: Path, budget: str) -> list[Row]:
    """By the script of which tests/link makes a test."""
    run = subprocess.run(
        ["sh", "-euc", '. "$ROOT/tests/link/support/size.sh"; growth "$1" "$2" ""', "sh"]
        + [str(archive), str(2**40)],
        env={**os.environ, "ROOT": str(ROOT), "DIST": str(ROOT / "dist")},
        cwd=BUILD,
        check=True,
        capture_output=True,
        text=True,
    )
    found = re.findall(r"grows by (\d+) bytes *(.*)", run.stdout)
    assert len(found) == 2, run.stdout
    return [
        Row(f"growth of a stripped program {name}", int(size), "bytes", budget, flags.strip(", "))
        for size, flags in found
    ]


def _cold_build() -> list[Row]:
    """The archive from nothing but the downloaded crates."""
    with tempfile.TemporaryDirectory(prefix="cold.", dir=BUILD) as target:
        build = [str(ROOT / "tools/build-archive.sh"), f"{target}/cold.a", "--quiet"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begin = time.monotonic()
        subprocess.run([*build, "--target-dir", target], check=True)
        wall = time.monotonic() - begin
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [
        Row("cold build of the archive, wall", wall, "s", None, f"{os.cpu_count()} cores"),
        Row("cold build of the archive, CPU", cpu, "s"),
    ]
