"""Members of a replica set are instances of their own, also one that copies all data of another."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.host import Host, Launcher
from support.patience import wait_until
from support.receiver import Receiver
from support.reports import identity

SET = ["--replSet", "rs", "--oplogSize", "10"]


def member(host: Host, number: int) -> dict[str, Any]:
    return {"_id": number, "host": f"127.0.0.1:{host.port}"}


def state_of(host: Host) -> str:
    """Its state in the set, empty while it knows of none."""
    with host.client() as client:
        answer = client.admin.command("replSetGetStatus", check=False)
    members = answer.get("members", [])
    return next((str(one["stateStr"]) for one in members if one.get("self")), "")


def test_four_identities_and_four_reports(
    start_host: Launcher, receiver: Receiver, new_dbpath: Callable[[], Path]
) -> None:
    dbpaths = [new_dbpath() for _ in range(4)]
    hosts = [
        start_host(receiver.url, dbpath=dbpath, options=SET, wait=False) for dbpath in dbpaths[:3]
    ]
    config = {"_id": "rs", "members": [member(host, n) for n, host in enumerate(hosts)]}
    with hosts[0].client() as client:
        client.admin.command("replSetInitiate", config)
    wait_until(lambda: "PRIMARY" in map(state_of, hosts), "there is a primary")
    primary = next(host for host in hosts if state_of(host) == "PRIMARY")

    hosts.append(start_host(receiver.url, dbpath=dbpaths[3], options=SET))
    with primary.client() as client:
        config = client.admin.command("replSetGetConfig")["config"]
        joining = {**member(hosts[3], 3), "votes": 0, "priority": 0}
        config = {**config, "version": config["version"] + 1}
        config["members"] = [*config["members"], joining]
        client.admin.command("replSetReconfig", config)
    hosts[3].wait_for("Initial sync done")
    wait_until(lambda: state_of(hosts[3]) == "SECONDARY", "the fourth is a secondary")

    reports = [receiver.next_request().report for _ in hosts]
    for host in hosts:
        host.wait_for("Telemetry report delivered")
    assert len({report["id"] for report in reports}) == 4
    ids = {report["instanceId"] for report in reports}
    assert ids == {identity(dbpath)["instanceId"] for dbpath in dbpaths} and len(ids) == 4
    assert receiver.connection_count() == 4
