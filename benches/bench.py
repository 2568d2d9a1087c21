"""Measures everything, prints the tables of docs/performance.md, and leaves them in build/bench/.

Each file in figures/ makes the rows of one subject; measuring/ has what they share; programs/ are
the servers that are measured. CPU and wall are the machine's as much as the library's: let it be
idle, or look at the shares only.
"""

import os
import sys
import time
from collections.abc import Callable

from figures import (
    at_rest,
    beside,
    callers_thread,
    first_start,
    footprint,
    growth,
    instructions,
    nothing_to_do,
)
from measuring.needs import HOST_FILE
from measuring.places import BUILD
from measuring.scene import scene
from measuring.table import Section
from measuring.watch import watching

LOAD = (
    f"{os.cpu_count()} cores; load when it began: {os.getloadavg()[0]:.1f}. Above half of the cores "
    "the times are those of a busy machine.\n"
)


def main() -> None:
    if os.path.lexists(HOST_FILE):
        sys.exit(f"{HOST_FILE} switches telemetry off on this machine: there is nothing to measure")
    (BUILD / "load.md").write_text(LOAD)
    print(LOAD)

    def measure(what: Callable[..., Section | beside.Table], *arguments: object) -> None:
        begin = time.monotonic()
        section = what(*arguments)
        (BUILD / f"{section.name}.md").write_text(section.markdown())
        print(f"{section.title.upper()} (measured in {time.monotonic() - begin:.0f} s)\n")
        print(section.markdown(), flush=True)

    with scene() as here:
        measure(callers_thread.section)
        measure(first_start.section, here)
        measure(nothing_to_do.section, here)
        measure(beside.section, here)
        # Those that are watched sleep, and disturb nobody.
        with watching(here, at_rest.SECONDS) as watched:
            measure(instructions.section, here)
            measure(footprint.section)
            measure(at_rest.section, here, watched)
        measure(growth.section, here)


if __name__ == "__main__":
    main()
