"""start() and status() take the server's allocator a few times, whether or not an attempt hangs."""

from measuring.callers_thread import calls

RUNS = 50


def test_allocations(hold) -> None:
    values = calls(RUNS)
    for call, budget in (
        ("start()", "allocations_start"),
        ("start() while an attempt hangs", "allocations_start"),
        ("status()", "allocations_status"),
        ("status() while an attempt hangs", "allocations_status"),
    ):
        counts = values[f"{call}, allocations"]
        assert len(counts) == RUNS and min(counts) > 0
        # The first calls also set up what a process has once.
        hold(budget, f"allocations of {call}", sorted(counts)[RUNS // 2])
