"""Counted by strace, without those that depend on which thread is quicker."""

from measuring.scene import Scene
from measuring.strace import countable, traced


def test_to_an_http_endpoint(place: Scene, hold) -> None:
    calls = countable(traced(place.http_start(), place.folder))
    hold("system_calls_http", "system calls of a first start, http", len(calls))
    syncs = [call for call in calls if call.name in ("fsync", "fdatasync")]
    hold("fsyncs", "fsyncs of a first start, http", len(syncs))
    sends = [call for call in calls if call.name == "sendto"]
    hold("sends", "sends of a first start, http", len(sends))


def test_to_an_https_endpoint(place: Scene, hold) -> None:
    calls = countable(traced(place.https_start(), place.folder))
    hold("system_calls_https", "system calls of a first start, https", len(calls))


def test_to_an_https_endpoint_with_all_cas_of_the_system(place: Scene, hold) -> None:
    start = place.https_start_with_the_systems_cas()
    calls = countable(traced(start, place.folder))
    hold("system_calls_https_all_cas", "the same with the system's CA certificates", len(calls))
