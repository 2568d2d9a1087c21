"""Figures that scenarios measure, and that pytest shows at its end."""

import statistics
from collections.abc import Sequence


class Figures:
    """Collects one line for each thing measured."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, what: str, millis: Sequence[float]) -> float:
        """Keeps a sample for show, and returns its median."""
        ordered = sorted(millis)
        median = statistics.median(ordered)
        self.lines.append(
            f"{what}: median {median:.3f} ms, 95 % {ordered[int(len(ordered) * 0.95)]:.3f} ms,"
            f" longest {ordered[-1]:.3f} ms ({len(ordered)} measured)"
        )
        return median
