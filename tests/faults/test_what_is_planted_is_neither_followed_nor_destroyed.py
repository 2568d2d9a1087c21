"""Links, FIFOs, directories and devices under the names that the library uses: it follows none,
waits at none, and what they lead to stays as it was."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from support.counts import count
from support.plants import DIRECTORIES, IRREGULAR, REPLACEABLE, listener, look, put
from support.reports import identity
from support.runs import Outcome, run
from support.scenarios import (
    CORRUPT,
    FILE,
    GARBAGE,
    LOCK,
    REPORTED,
    STORED,
    TEMPORARY,
    WAITING,
    scenario_named,
)

FIRST_START = scenario_named("first start")

each_irregular = pytest.mark.parametrize("kind", IRREGULAR)


class Scene:
    """A dbpath, and a precious file outside of it that plants lead to."""

    def __init__(self, place: Path) -> None:
        self.outside = place / "outside"
        self.outside.mkdir()
        self.target = self.outside / "target"
        self.target.write_text("precious")
        self.dbpath = FIRST_START.prepare(place)

    def plant(self, kind: str, name: str) -> dict[str, object]:
        """Plants it, and looks at it."""
        put(kind, self.dbpath / name, self.target)
        count("planted things", name)
        return look(self.dbpath / name)

    def names(self) -> set[str]:
        return {path.name for path in self.dbpath.iterdir()} - {LOCK}

    def run(self, parameters: Mapping[str, str] = {}) -> Outcome:
        """A start; everything outside is as it was."""
        before = look(self.outside)
        outcome = run(replace(FIRST_START, parameters=parameters), self.dbpath, [])
        assert look(self.outside) == before
        return outcome


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def expect_new_instance(scene: Scene, outcome: Outcome, reason: str) -> None:
    """In place of what was quarantined; its report waits."""
    assert (outcome.status["state"], outcome.requests) == ("waiting", []), outcome
    assert "nextAttempt" in identity(scene.dbpath)
    assert (scene.dbpath / FILE).lstat().st_nlink == 1
    [warning] = outcome.warnings
    assert f"{reason}: {CORRUPT}" in warning


def expect_sent(scene: Scene, outcome: Outcome) -> None:
    assert (outcome.status["state"], len(outcome.requests)) == ("sent", 1), outcome
    assert identity(scene.dbpath)["PRODUCT_FAMILY_PSMDB"] == "1"
    assert (scene.dbpath / FILE).lstat().st_nlink == 1
    assert not outcome.warnings


def expect_not_ours(outcome: Outcome, name: str) -> None:
    assert (outcome.status["state"], outcome.requests) == ("failed", []), outcome
    [warning] = outcome.warnings
    words = "cannot be replaced by" if name == CORRUPT else "exists but is not a telemetry file"
    assert f"{name} {words}" in outcome.status["lastError"]
    assert outcome.status["lastError"] in warning


@each_irregular
def test_as_the_identity(kind: str, scene: Scene) -> None:
    """It is quarantined as it is, and a first start follows."""
    planted = scene.plant(kind, FILE)
    expect_new_instance(scene, scene.run(WAITING), "is not a regular file")
    assert look(scene.dbpath / CORRUPT) == planted
    assert scene.names() == {FILE, CORRUPT}


@pytest.mark.parametrize("content", ["precious", STORED, REPORTED], ids=["no id", "id", "reported"])
def test_a_hard_link_as_the_identity(content: str, scene: Scene) -> None:
    """It is a file like any other; its other name keeps what it had."""
    scene.target.write_text(content)
    scene.plant("hard link", FILE)
    outcome = scene.run(WAITING if content == "precious" else {})
    if content == REPORTED:
        assert (outcome.status["state"], outcome.requests, outcome.warnings) == ("sent", [], [])
    elif content == STORED:
        expect_sent(scene, outcome)
        assert identity(scene.dbpath)["instanceId"] in STORED
    else:
        expect_new_instance(scene, outcome, "holds no valid instanceId")
        assert scene.target.samefile(scene.dbpath / CORRUPT)
    assert scene.target.read_text() == content


@pytest.mark.parametrize("reported", [False, True])
@each_irregular
def test_as_the_temporary_file(kind: str, reported: bool, scene: Scene) -> None:
    """It is not ours: it stays, and nothing is sent. Who has nothing to store does not notice it."""
    if reported:
        (scene.dbpath / FILE).write_text(REPORTED)
    planted = scene.plant(kind, TEMPORARY)
    outcome = scene.run()
    if reported:
        assert (outcome.status["state"], outcome.requests, outcome.warnings) == ("sent", [], [])
    else:
        expect_not_ours(outcome, TEMPORARY)
    assert look(scene.dbpath / TEMPORARY) == planted
    assert scene.names() == {TEMPORARY, *([FILE] if reported else [])}


def test_a_hard_link_as_the_temporary_file(scene: Scene) -> None:
    """It looks like what a crash left: the name goes, the file stays under its other name."""
    scene.plant("hard link", TEMPORARY)
    expect_sent(scene, scene.run())
    assert scene.target.stat().st_nlink == 1
    assert scene.names() == {FILE}


@pytest.mark.parametrize("kind", REPLACEABLE)
def test_as_the_corrupt_file(kind: str, scene: Scene) -> None:
    """One corrupt file is kept, the latest: it takes the name, and what that led to stays."""
    (scene.dbpath / FILE).write_text(GARBAGE)
    scene.plant(kind, CORRUPT)
    expect_new_instance(scene, scene.run(WAITING), "holds no valid instanceId")
    assert (scene.dbpath / CORRUPT).read_text() == GARBAGE
    assert not (scene.dbpath / CORRUPT).is_symlink()
    assert scene.names() == {FILE, CORRUPT}


@pytest.mark.parametrize("kind", DIRECTORIES)
def test_a_directory_as_the_corrupt_file(kind: str, scene: Scene) -> None:
    (scene.dbpath / FILE).write_text(GARBAGE)
    planted = scene.plant(kind, CORRUPT)
    expect_not_ours(scene.run(), CORRUPT)
    assert look(scene.dbpath / CORRUPT) == planted
    assert (scene.dbpath / FILE).read_text() == GARBAGE


def test_the_same_file_under_both_names(scene: Scene) -> None:
    """The kernel moves nothing then, and says that it did."""
    scene.target.write_text(GARBAGE)
    scene.plant("hard link", FILE)
    scene.plant("hard link", CORRUPT)
    expect_new_instance(scene, scene.run(WAITING), "holds no valid instanceId")
    assert scene.target.samefile(scene.dbpath / CORRUPT)


def test_a_fifo_that_somebody_writes_to(scene: Scene) -> None:
    """It is not read from."""
    os.mkfifo(scene.dbpath / FILE)
    writer = os.open(scene.dbpath / FILE, os.O_RDWR | os.O_NONBLOCK)
    try:
        os.write(writer, STORED.encode())
        expect_new_instance(scene, scene.run(WAITING), "is not a regular file")
        assert os.read(writer, 4096) == STORED.encode()
    finally:
        os.close(writer)
    count("planted things", FILE)


def test_a_socket_that_somebody_listens_on(scene: Scene) -> None:
    with listener(scene.dbpath / FILE) as waiting:
        waiting.listen()
        waiting.setblocking(False)
        expect_new_instance(scene, scene.run(WAITING), "is not a regular file")
        with pytest.raises(BlockingIOError):
            waiting.accept()
    count("planted things", FILE)
