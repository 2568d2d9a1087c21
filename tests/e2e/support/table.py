"""The table of scenarios that pytest prints at its end: passed, failed, not applicable and why."""

from collections.abc import Iterable
from dataclasses import dataclass

import pytest

_WORST = ("passed", "not applicable", "failed")


@dataclass
class _Row:
    outcome: str = "passed"
    why: str = ""
    cases: int = 0


def of_scenarios(reports: Iterable[pytest.TestReport]) -> list[str]:
    """A line for each scenario, with all that it was tried with as one."""
    rows: dict[str, _Row] = {}
    for report in reports:
        if report.when != "call" and report.passed:
            continue
        row = rows.setdefault(report.nodeid.split("[", 1)[0], _Row())
        row.cases += report.when != "teardown"
        outcome = "not applicable" if report.skipped else report.outcome
        if _WORST.index(outcome) >= _WORST.index(row.outcome):
            row.outcome = outcome
            row.why = report.longrepr[2] if report.skipped else ""
    lines = []
    for scenario, row in sorted(rows.items()):
        file, test = scenario.split("::", 1)
        name = file.removeprefix("test_").removesuffix(".py") + ": " + test.removeprefix("test_")
        cases = f" ({row.cases} cases)" if row.cases > 1 else ""
        why = ": " + row.why.removeprefix("Skipped: ") if row.why else ""
        lines.append(f"{row.outcome:14}  {name.replace('_', ' ')}{cases}{why}")
    return lines
