"""How long any scenario waits for anything: nothing takes so long unless something is wrong."""

import time
from collections.abc import Callable

PATIENCE = 60.0  # seconds


def wait_until(
    what: Callable[[], bool], words: str = "it happens", patience: float = PATIENCE
) -> None:
    """Waits for what nothing tells of, by looking again and again."""
    deadline = time.monotonic() + patience
    while not what():
        assert time.monotonic() < deadline, f"waited in vain until {words}"
        time.sleep(0.002)
