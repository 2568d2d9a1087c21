"""Where things are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/bench"
ARCHIVE = ROOT / "dist/lib/libpsmdb_telemetry.a"
ARCHIVE_WITHOUT_HTTPS = ROOT / "build/without-https/libpsmdb_telemetry.a"
