"""What was tried, counted, for the end of a run."""

import threading
from collections import Counter

_counts: Counter[tuple[str, str]] = Counter()
_lock = threading.Lock()


def count(kind: str, what: str, number: int = 1) -> None:
    with _lock:
        _counts[kind, what] += number


def lines() -> list[str]:
    """One line for each kind: how many, and how many of what."""
    told = []
    for kind in dict.fromkeys(kind for kind, _ in _counts):
        parts = {what: number for (of, what), number in _counts.items() if of == kind}
        told.append(
            f"{kind}: {sum(parts.values())} ("
            + ", ".join(f"{what} {number}" for what, number in parts.items())
            + ")"
        )
    return told
