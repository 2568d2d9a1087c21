"""The starts that are measured, each in a dbpath of its own."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .endpoint import Authority, Endpoint
from .instance import DELIVERED, OFF, REPORTED_BEFORE, Start


@dataclass(frozen=True)
class Scene:
    """A folder for one run, endpoints, and a CA."""

    folder: Path
    http: Endpoint
    https: Endpoint
    authority: Authority
    _reported: list[Path] = field(default_factory=list)

    def dbpath(self) -> Path:
        return Path(tempfile.mkdtemp(prefix="db.", dir=self.folder))

    def http_start(self) -> Start:
        return Start(self.dbpath(), DELIVERED, self.http.url)

    def https_start(self) -> Start:
        """Trusts one CA, so that what it takes does not depend on the machine."""
        return self._https(self.authority.alone)

    def https_start_with_the_systems_cas(self) -> Start:
        return self._https(self.authority.among_the_systems)

    def _https(self, cas: Path) -> Start:
        return Start(self.dbpath(), DELIVERED, self.https.url, {"SSL_CERT_FILE": str(cas)})

    def second_start(self) -> Start:
        """With nothing to do: the report was sent before."""
        if not self._reported:
            first = self.http_start()
            first.run()
            self._reported.append(first.dbpath)
        return Start(self._reported[0], REPORTED_BEFORE, self.http.url)

    def start_while_off(self) -> Start:
        return Start(self.dbpath(), OFF, self.http.url, {"PERCONA_TELEMETRY_DISABLE": "1"})


@contextmanager
def scene(parent: str | None = None) -> Iterator[Scene]:
    folder = Path(tempfile.mkdtemp(prefix="bench.", dir=parent))
    try:
        authority = Authority(folder)
        with Endpoint() as http, Endpoint(authority.endpoint) as https:
            yield Scene(folder, http, https, authority)
    finally:
        shutil.rmtree(folder)
