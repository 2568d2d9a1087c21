"""Where the time goes: the instructions of each kind of start, by crate."""

from dataclasses import replace

from measuring.callgrind import counted
from measuring.instance import FLOOR
from measuring.needs import Missing
from measuring.scene import Scene
from measuring.table import Row, Section

SHOWN = 8


def section(scene: Scene) -> Section:
    rows = []
    for name, start, budget in (
        ("http", scene.http_start(), "instructions_http"),
        ("http, floor", replace(scene.http_start(), program=FLOOR), None),
        ("https", scene.https_start(), "instructions_https"),
        ("https, all CAs", scene.https_start_with_the_systems_cas(), "instructions_https_all_cas"),
        ("reported before", scene.second_start(), "instructions_nothing_to_do"),
        ("off", scene.start_while_off(), "instructions_off"),
    ):
        try:
            found = counted(start, scene.folder)
        except Missing as missing:
            rows.append(Row(f"{name}: instructions", None, note=str(missing)))
            continue
        largest = ", ".join(
            f"{crate} {100 * count / found.all:.0f} %"
            for crate, count in found.by_crate.most_common(SHOWN)
            if count >= found.all / 200
        )
        rows.append(Row(f"{name}: instructions", found.all, "", budget, largest))
        if budget:
            rows.append(Row(f"{name}: of that in start()", found.caller, "", "instructions_start",
                            "with making the Telemetry and setting the URL"))
    return Section("instructions", "instructions, by crate", rows)
