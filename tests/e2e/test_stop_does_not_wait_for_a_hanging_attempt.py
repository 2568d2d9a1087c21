"""SIGTERM ends the host at once, also while an attempt hangs in the network."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from support.figures import Figures
from support.host import STOP_BUDGET_MILLIS, Launcher
from support.receiver import Receiver

ROUNDS = 5


@pytest.fixture
def new_dbpath(tmp_path: Path) -> Iterator[Path]:
    def made() -> Iterator[Path]:
        for number in count():
            path = tmp_path / f"db{number}"
            path.mkdir()
            yield path

    return made()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_stop_of_telemetry_keeps_its_budget(
    start_host: Launcher,
    silent_receiver: Receiver,
    new_dbpath: Iterator[Path],
    figures: Figures,
    scheme: str,
) -> None:
    # An https client waits for the answer to its first words, an http client for that to its
    # request.
    url = silent_receiver.url.replace("http", scheme, 1)
    millis = []
    for _ in range(ROUNDS):
        host = start_host(url, dbpath=next(new_dbpath))
        silent_receiver.next_connection()
        ending = host.stop()
        assert ending.seconds < 1
        millis.append(ending.telemetry_stop_millis)
    # The median, as a busy machine may take the processor away from any one of them.
    assert figures.add(f"telemetry stop, {scheme} attempt hanging", millis) < STOP_BUDGET_MILLIS
