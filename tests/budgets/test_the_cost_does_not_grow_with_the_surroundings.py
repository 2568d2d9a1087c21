"""Neither a full dbpath nor a long environment makes a first start take one system call more."""

from collections import Counter

from measuring.instance import DELIVERED, Start
from measuring.scene import Scene
from measuring.strace import countable, traced

MANY = 5_000

# How many of these malloc makes for a thread depends on the addresses that the kernel gives it.
MEMORY = {"mmap", "munmap", "mprotect", "madvise"}


def counts(place: Scene, start: Start) -> Counter[str]:
    calls = countable(traced(start, place.folder))
    return Counter(call.name for call in calls if call.name not in MEMORY)


def test_files_in_the_dbpath(place: Scene) -> None:
    full = place.http_start()
    for i in range(MANY):
        (full.dbpath / f"index-{i}.wt").touch()
    assert counts(place, full) == counts(place, place.http_start())


def test_environment_variables(place: Scene) -> None:
    variables = {f"VARIABLE_{i}": "value" for i in range(MANY)}
    start = Start(place.dbpath(), DELIVERED, place.http.url, variables)
    assert counts(place, start) == counts(place, place.http_start())
