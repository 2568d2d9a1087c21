"""The budgets of tests/budgets/budgets.toml."""

import tomllib
from dataclasses import dataclass

from .places import ROOT

FILE = "tests/budgets/budgets.toml"


@dataclass(frozen=True)
class Budget:
    name: str
    limit: float
    why: str
    section: str

    def hold(self, what: str, found: float) -> None:
        assert found <= self.limit, (
            f"{what}: {found:,}; the budget is {self.limit:,} ({self.why}). If it is meant to take "
            f"more, change {self.name} in {FILE}, and say in the commit what that buys."
        )


def _all() -> dict[str, Budget]:
    sections = tomllib.loads((ROOT / FILE).read_text())
    return {
        name: Budget(name, entry["limit"], entry["why"], section)
        for section, entries in sections.items()
        for name, entry in entries.items()
    }


BUDGETS = _all()
