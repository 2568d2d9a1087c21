"""What PyMongo gets for commands."""

from typing import Any

import pymongo
import pymongo.errors
import pytest
from pymongo.database import Database

Client = pymongo.MongoClient[dict[str, Any]]


def refused(database: Database[dict[str, Any]], command: dict[str, Any]) -> dict[str, Any]:
    """The whole answer to a command that must fail."""
    with pytest.raises(pymongo.errors.OperationFailure) as caught:
        database.command(command)
    answer = caught.value.details
    assert answer is not None
    assert answer["ok"] == 0
    return dict(answer)
