"""What a test does where a tool is missing."""

import os
from typing import NoReturn

import pytest


def leave_out(reason: str) -> NoReturn:
    """Leaves the test out, and says why; CI must have the tool."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
