"""Where things are."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/bench"
ARCHIVE = ROOT / "dist/lib/libpsmdb_telemetry.a"
ARCHIVE_WITHOUT_HTTPS = ROOT / "build/without-https/libpsmdb_telemetry.a"

# A folder without a disk below it.
_SHM = "/dev/shm"
IN_MEMORY = _SHM if os.access(_SHM, os.W_OK) else None
