"""The table of scenarios that pytest prints at its end: passed, failed, not applicable to this server, or
SKIPPED on this machine, and why."""

from collections.abc import Iterable
from dataclasses import dataclass

import pytest

# How the reason of a skip begins that lies in the server.
NOT_APPLICABLE = "not applicable: "

_WORST = ("passed", "not applicable", "SKIPPED", "failed")


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
        outcome, why = _of(report)
        if _WORST.index(outcome) >= _WORST.index(row.outcome):
            row.outcome, row.why = outcome, why
    lines = []
    for scenario, row in sorted(rows.items()):
        file, test = scenario.split("::", 1)
        name = file.removeprefix("test_").removesuffix(".py") + ": " + test.removeprefix("test_")
        cases = f" ({row.cases} cases)" if row.cases > 1 else ""
        why = ": " + row.why if row.why else ""
        lines.append(f"{row.outcome:14}  {name.replace('_', ' ')}{cases}{why}")
    return lines


def _of(report: pytest.TestReport) -> tuple[str, str]:
    """The outcome, and why if it was left out."""
    if not report.skipped:
        return report.outcome, ""
    assert isinstance(report.longrepr, tuple)
    why = report.longrepr[2].removeprefix("Skipped: ")
    if why.startswith(NOT_APPLICABLE):
        return "not applicable", why.removeprefix(NOT_APPLICABLE)
    return "SKIPPED", why
