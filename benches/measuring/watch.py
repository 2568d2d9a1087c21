"""Servers of which the threads are watched while they wait."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from .endpoint import COME_BACK_IN_AN_HOUR, Endpoint
from .instance import DEADLINE, DELIVERED, ENABLED, RETRIES, Figures, Start
from .scene import Scene


class Watched:
    """Servers that run until their time is over."""

    def __init__(self, starts: dict[str, Start]) -> None:
        self._processes = {
            name: subprocess.Popen(start.command, env={}, stdout=subprocess.PIPE, text=True)
            for name, start in starts.items()
        }

    def figures(self) -> dict[str, Figures]:
        """Waits until the time is over."""
        found = {}
        for name, process in self._processes.items():
            said, _ = process.communicate(timeout=DEADLINE)
            assert process.returncode == 0, f"{process.args} ended with {process.returncode}"
            found[name] = json.loads(said)
        return found

    def end(self) -> None:
        for process in self._processes.values():
            process.kill()
            process.wait()


@contextmanager
def watching(scene: Scene, seconds: int) -> Iterator[Watched]:
    def start(until: str, url: str, *options: str) -> Start:
        return Start(scene.dbpath(), until, url, options=(f"--watch={seconds}", *options))

    with Endpoint(answer=COME_BACK_IN_AN_HOUR) as busy:
        url = scene.http.url
        watched = Watched({
            "when the job is done": start(DELIVERED, url),
            "in the grace period": start(ENABLED, url, "perconaTelemetryGracePeriod=604800"),
            "until the next attempt": start(RETRIES, busy.url),
        })
        try:
            yield watched
        finally:
            watched.end()
