"""What these tests share; the rest they take from the end-to-end scenarios."""

from pathlib import Path

__path__.append(str(Path(__file__).resolve().parents[2] / "e2e/support"))
