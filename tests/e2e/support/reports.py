"""Reports: checked against the schema, and as they should be according to telemetry_uuid."""

import json
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema

from support.places import PAYLOAD_SCHEMA

_validator = jsonschema.Draft202012Validator(json.loads(PAYLOAD_SCHEMA.read_text()))

METRICS = ("deployment", "pillar_version", "OS", "hardware_arch")


def checked(body: bytes) -> dict[str, Any]:
    """The one report in a request's body. Fails if the body is not as documented."""
    document = json.loads(body)
    _validator.validate(document)
    report: dict[str, Any] = document["reports"][0]
    datetime.fromisoformat(report["createTime"])  # the schema knows its form only
    return report


def metrics(report: dict[str, Any]) -> dict[str, str]:
    """The metrics of a report by their key."""
    return {metric["key"]: metric["value"] for metric in report["metrics"]}


def body_of(report: dict[str, Any]) -> bytes:
    """The request's body for a report that a client has read: compact, in the order it has."""
    text = json.dumps({"reports": [report]}, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def identity(dbpath: Path) -> dict[str, str]:
    """What telemetry_uuid holds, in its order. Fails if others can read the file."""
    path = dbpath / "telemetry_uuid"
    assert stat.S_IMODE(path.lstat().st_mode) == 0o600
    pairs = (line.split(":", 1) for line in path.read_text().splitlines())
    return {key.strip(): value.strip() for key, value in pairs}


def body_by(stored: dict[str, str]) -> bytes:
    """The request's body as it follows from what telemetry_uuid holds."""
    return body_of(
        {
            "id": stored["reportId"],
            "product_family": "PRODUCT_FAMILY_PSMDB",
            "instanceId": stored["instanceId"],
            "createTime": stored["createTime"],
            "metrics": [{"key": key, "value": stored[key]} for key in METRICS],
        }
    )
