"""Where things are."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
PACKAGING = REPOSITORY / "packaging"
OPT_OUT = PACKAGING / "telemetry-opt-out.sh"
# What the recipe copies into the server's tree.
FRAGMENTS = [OPT_OUT, *sorted(PACKAGING.glob("debian/telemetry-*"))]
FRAGMENTS += sorted(PACKAGING.glob("rpm/telemetry-*"))
SAMPLE = REPOSITORY / "tests/packaging/sample"
DOCUMENTS = REPOSITORY / "dist/share/doc/psmdb-telemetry"
ARCHIVE = REPOSITORY / "dist/lib/libpsmdb_telemetry.a"
HOST_PROGRAM = REPOSITORY / "dist/bin/telemetry-host"

MADE = REPOSITORY / "build/packaging"
SYSTEM = MADE / "root"  # by make-root.sh
POLICY = MADE / "policy"  # by make-policy.sh

HOST_FILE = "/etc/percona/telemetry-disable"
