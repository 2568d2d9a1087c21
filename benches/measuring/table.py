"""The table: what, figure, budget, ratio."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from .budgets import BUDGETS

HEAD = ("what", "figure", "budget", "ratio", "")


@dataclass(frozen=True)
class Row:
    what: str
    figure: float | None  # None: it could not be measured, and the note says why
    unit: str = ""
    budget: str | None = None  # a name in budgets.toml
    note: str = ""

    def cells(self) -> Sequence[str]:
        if self.figure is None:
            return (self.what, "SKIPPED", "", "", self.note)
        figure = f"{_number(self.figure)} {self.unit}".strip()
        if self.budget is None:
            return (self.what, figure, "", "", self.note)
        limit = BUDGETS[self.budget].limit
        over = " MISSED" if self.figure > limit else ""
        ratio = f"{self.figure / limit:.2f}" if limit else ("0.00" if self.figure == 0 else "∞")
        return (self.what, figure, f"{_number(limit)} {self.unit}".strip(), ratio + over, self.note)


@dataclass(frozen=True)
class Section:
    """Rows of one subject."""

    name: str
    title: str
    rows: Sequence[Row]

    def markdown(self) -> str:
        lines = ["| " + " | ".join(HEAD) + " |", "| --- | ---: | ---: | ---: | --- |"]
        lines += ["| " + " | ".join(row.cells()) + " |" for row in self.rows]
        return "\n".join(lines) + "\n"


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of all do not exceed."""
    ordered = sorted(values)
    return ordered[int(share * (len(ordered) - 1))]


def median_row(what: str, values: Sequence[float], unit: str, budget: str | None = None) -> Row:
    """The median, with the rest of the distribution as a note."""
    ninety, most = _number(quantile(values, 0.9)), _number(max(values))
    note = f"90 % under {ninety}, most {most}, n = {len(values):,}"
    return Row(what, median(values), unit, budget, note)


def _number(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
