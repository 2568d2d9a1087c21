"""Neither in a grace period nor until the next attempt is there a timer that ticks. Three seconds
show it; `make bench` watches for a minute."""

from measuring.scene import Scene
from measuring.watch import watching

SECONDS = 3


def test_no_thread_wakes_up(place: Scene, hold) -> None:
    with watching(place, SECONDS) as watched:
        figures = watched.figures()
    assert {name: int(found["threads"]) for name, found in figures.items()} == {
        "when the job is done": 0,
        "in the grace period": 1,
        "until the next attempt": 1,
    }
    for name, found in figures.items():
        hold("wake_ups", f"wake-ups in {SECONDS} s, {name}", found["wake_ups"])
