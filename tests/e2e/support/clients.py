"""What PyMongo gets for commands."""

from typing import Any

import pymongo
from pymongo.database import Database

Client = pymongo.MongoClient[dict[str, Any]]


def refused(database: Database[dict[str, Any]], command: dict[str, Any]) -> dict[str, Any]:
    """The whole answer to a command that must fail."""
    answer = database.command(command, check=False)
    assert answer["ok"] == 0
    return answer
