"""The events of docs/log-events.md, and whether what a server logs is among them."""

import re
from dataclasses import dataclass
from typing import Protocol

from support.places import REPOSITORY

_ROW = re.compile(r"\| (\d{5}) \| ([IW]) \| ([^|]+) \| [^|]+ \|([^|]*)\|")


class Logged(Protocol):
    """What of an event is documented."""

    id: int
    severity: str
    message: str
    context: str
    attributes: dict[str, object]


@dataclass(frozen=True)
class _Documented:
    severity: str
    message: str
    attributes: frozenset[str]


def _documented() -> dict[int, _Documented]:
    page = (REPOSITORY / "docs/log-events.md").read_text()
    return {
        int(number): _Documented(
            severity, message.strip(), frozenset(re.findall(r"`(\w+)`", attributes))
        )
        for number, severity, message, attributes in _ROW.findall(page)
    }


_EVENTS = _documented()
assert sorted(_EVENTS) == [*range(29800, 29815)], "the table of docs/log-events.md is not read"


def expect_documented(event: Logged) -> None:
    """Fails if one of the library's events is not as its row says."""
    row = _EVENTS.get(event.id)
    assert row is not None, f"no row of docs/log-events.md has the id {event.id}: {event.message}"
    assert (event.severity, event.message) == (row.severity, row.message), event.id
    assert set(event.attributes) <= row.attributes, (event.id, event.attributes)
