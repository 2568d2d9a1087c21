"""The instructions of one start, by thread and by crate."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from .crates import crate_of
from .instance import Start
from .needs import need_callgrind

OTHERS = "C and C++ runtimes"


@dataclass(frozen=True)
class Instructions:
    caller: int  # the server's thread, from making a Telemetry until start() returns
    threads: int  # the library's
    by_crate: Counter[str]

    @property
    def all(self) -> int:
        return self.caller + self.threads


def counted(start: Start, folder: Path) -> Instructions:
    need_callgrind()
    for old in folder.glob("callgrind*"):
        old.unlink()
    out = folder / "callgrind"
    start.run(
        *("valgrind", "--tool=callgrind", "--separate-threads=yes", "--demangle=no"),
        *("--compress-strings=no", f"--callgrind-out-file={out}"),
    )
    # The dump that start() ended with is callgrind.1-<thread>, the one of the end
    # callgrind-<thread>; what the server's thread does after start() is no work of the library's.
    by_crate: Counter[str] = Counter()
    caller = threads = 0
    for dump in folder.glob("callgrind*-??"):
        if dump.name == "callgrind-01":
            continue
        functions = _by_function(dump.read_text(errors="replace"))
        if dump.name.endswith("-01"):
            caller += sum(functions.values())
        else:
            threads += sum(functions.values())
        for function, count in functions.items():
            by_crate[crate_of(function) or OTHERS] += count
    assert caller, "callgrind has left no dump of start()"
    return Instructions(caller, threads, by_crate)


def _by_function(dump: str) -> Counter[str]:
    """Each function's own instructions, without those of what it calls."""
    counts: Counter[str] = Counter()
    function = ""
    lines = iter(dump.splitlines())
    for line in lines:
        if line.startswith("fn="):
            function = line[3:]
        elif line.startswith("calls="):
            next(lines)  # what the call took
        elif found := re.match(r"[+*-]?\d* (\d+)$", line):
            counts[function] += int(found[1])
    return counts
