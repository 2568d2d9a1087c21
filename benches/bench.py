"""Measures everything, prints one table, and leaves it in build/bench/ with pictures.

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
    callers_thread,
    first_start,
    footprint,
    instructions,
    nothing_to_do,
    pictures,
    surroundings,
)
from measuring.needs import HOST_FILE, Missing
from measuring.places import BUILD
from measuring.scene import scene
from measuring.table import Section, plain
from measuring.watch import watching


def main() -> None:
    if os.path.lexists(HOST_FILE):
        sys.exit(f"{HOST_FILE} switches telemetry off on this machine: there is nothing to measure")
    load = (
        f"{os.cpu_count()} cores; load when it began: {os.getloadavg()[0]:.1f}. Above half of the cores "
        "the times are those of a busy machine."
    )
    sections: list[Section] = []

    def measure(what: Callable[..., Section], *arguments: object) -> None:
        begin = time.monotonic()
        sections.append(what(*arguments))
        took = time.monotonic() - begin
        print(f"  {sections[-1].title}: {took:.0f} s", file=sys.stderr, flush=True)

    print("measuring:", file=sys.stderr)
    with scene() as here:
        measure(callers_thread.section)
        measure(first_start.section, here)
        measure(nothing_to_do.section, here)
        # Those that are watched sleep, and disturb nobody.
        with watching(here, at_rest.SECONDS) as watched:
            measure(instructions.section, here)
            measure(footprint.section)
            measure(at_rest.section, here, watched)
        measure(surroundings.section, here)
        try:
            pictures.draw_all(here, BUILD)
        except Missing as missing:
            print(f"SKIPPED pictures: {missing}")

    (BUILD / "load.md").write_text(load + "\n")
    for section in sections:
        (BUILD / f"{section.name}.md").write_text(section.markdown())
    table = f"{load}\n\n{plain(sections)}"
    (BUILD / "table.txt").write_text(table)
    print(table)


if __name__ == "__main__":
    main()
