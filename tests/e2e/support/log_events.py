"""The events of docs/log-events.md, and whether what a server logs is among them."""

import re
from typing import Any

from support.places import REPOSITORY

_ROW = re.compile(r"\| (\d{5}) \| ([IW]) \| ([^|]+) \| [^|]+ \|([^|]*)\|")
_PAGE = (REPOSITORY / "docs/log-events.md").read_text()
# By their id: severity, message and the names of attributes.
_EVENTS = {
    int(number): (severity, message.strip(), set(re.findall(r"`(\w+)`", attributes)))
    for number, severity, message, attributes in _ROW.findall(_PAGE)
}
assert sorted(_EVENTS) == [*range(29800, 29815)], "the table of docs/log-events.md is not read"


def expect_documented(event: Any) -> None:
    """Fails if one of the library's events is not as its row says."""
    assert event.id in _EVENTS, f"no row of docs/log-events.md has the id {event.id}: {event.line}"
    severity, message, attributes = _EVENTS[event.id]
    assert (event.severity, event.message) == (severity, message), event.line
    assert set(event.attributes) <= attributes, event.line
