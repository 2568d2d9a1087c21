"""Figures that scenarios measure, and that pytest shows at its end."""

import statistics
from collections.abc import Callable, Sequence

# Under which name a report of pytest carries them.
PROPERTY = "measured"


class Figures:
    """Takes the figures of one scenario."""

    def __init__(self, record: Callable[[str, object], None]) -> None:
        self._record = record

    def add(self, what: str, millis: Sequence[float]) -> float:
        """Keeps a sample for show, and returns its median."""
        ordered = sorted(millis)
        median = statistics.median(ordered)
        self._record(
            PROPERTY,
            f"{what}: median {median:.3f} ms, 95 % {ordered[int(len(ordered) * 0.95)]:.3f} ms,"
            f" longest {ordered[-1]:.3f} ms ({len(ordered)} measured)",
        )
        return median
