"""A store that is away for a moment: a real lock, held by another connection."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nas.errors import NasError, StoreAwayError, StoreError
from nas.records import Ending, EpochReport
from nas.search.driver import drive
from nas.search.events import DriverEvent, Note
from nas.search.interrupts import Interrupts
from nas.search.lease import lease_s
from nas.search.patience import Patience, patient
from nas.search.study import Study
from nas.store import Store, open_store
from tests.search.conftest import MakeStudy
from tests.search.scripted import Recorder, ScriptedSlots, VirtualClock
from tests.search.spaces import spec_of, tiny
from tests.search.test_driver import bowl


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[Store]:
    """A store that waits 50 ms for a lock."""
    with open_store(f"sqlite:///{tmp_path}/nas.db?timeout=0.05") as opened:
        yield opened


class Lock:
    """Holds the database against all writers, until let go or for some seconds."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self.connection.execute("BEGIN IMMEDIATE")

    def let_go_after(self, seconds: float) -> None:
        threading.Timer(seconds, self.connection.close).start()


def test_a_driver_outlasts_a_lock_and_says_so(hasty: Store, tmp_path: Path) -> None:
    hasty.create_study("s", spec_of(tiny()), 6, f"file://{tmp_path}/a")

    def lock(event: DriverEvent) -> None:
        if isinstance(event, EpochReport) and event.number == 2 and event.epoch == 1:
            Lock(tmp_path / "nas.db").let_go_after(0.6)

    clock, recorder = VirtualClock(), Recorder(lock)
    ended = drive(
        Study(hasty, "s", lease_s=60), ScriptedSlots(2, bowl, clock), clock=clock, listener=recorder
    )
    assert ended.ending is Ending.FINISHED
    assert any("another process keeps it locked" in note.message for note in recorder.of(Note))
    row = hasty.study("s")
    assert [len(hasty.curve(row.id, number)) for number in range(1, 7)] == [3] * 6


def test_a_lease_is_kept_while_the_store_is_away_and_nobody_takes_it(hasty: Store, tmp_path: Path) -> None:
    hasty.create_study("s", spec_of(tiny()), 6, f"file://{tmp_path}/a")
    study = Study(hasty, "s", lease_s=0.4)

    def lock(event: DriverEvent) -> None:
        if isinstance(event, EpochReport) and event.number == 2 and event.epoch == 1:
            Lock(tmp_path / "nas.db").let_go_after(1.2)

    clock, recorder = VirtualClock(), Recorder(lock)
    ended = drive(study, ScriptedSlots(2, bowl, clock), clock=clock, listener=recorder)
    assert ended.ending is Ending.FINISHED
    assert [note.message for note in recorder.of(Note) if "ran out" in note.message] == []
    assert [row.attempt for row in hasty.trials(study.row.id)] == [1] * 6


def test_whoever_presses_twice_waits_no_longer(hasty: Store, tmp_path: Path) -> None:
    hasty.create_study("s", spec_of(tiny()), 6, f"file://{tmp_path}/a")
    interrupts, locks = Interrupts(), list[Lock]()

    def lock(event: DriverEvent) -> None:
        if isinstance(event, EpochReport) and not locks:
            locks.append(Lock(tmp_path / "nas.db"))
        if isinstance(event, Note) and "pressed twice" in event.message:
            interrupts.press()
            interrupts.press()

    clock, recorder = VirtualClock(), Recorder(lock)
    slots = ScriptedSlots(2, bowl, clock)
    with pytest.raises(StoreAwayError):
        drive(Study(hasty, "s"), slots, clock=clock, listener=recorder, interrupts=interrupts)
    locks[0].connection.close()


@pytest.mark.parametrize("text", ["soon", "0", "1e9", "nan"])
def test_a_lease_that_cannot_be_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAS_LEASE_S", text)
    with pytest.raises(NasError, match=f"NAS_LEASE_S={text}: a lease takes 2 to 3600 seconds"):
        lease_s()


def test_a_lease_is_as_long_as_the_user_says(make_study: MakeStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    assert make_study(name="usual").lease_s == 15
    monkeypatch.setenv("NAS_LEASE_S", "120")
    assert make_study(name="long").lease_s == 120


def test_patience_ends_with_the_stores_own_message(hasty: Store, tmp_path: Path) -> None:
    row = hasty.create_study("s", spec_of(tiny()), 6, "")
    held = Lock(tmp_path / "nas.db")
    began = time.monotonic()
    with pytest.raises(StoreAwayError, match="cannot write the store .*locked"):
        patient(hasty, Patience(0.3)).extend(row.id, 1)
    assert time.monotonic() - began > 0.3
    held.connection.close()
    assert patient(hasty, Patience(0.3)).extend(row.id, 1) == 7


def test_what_does_not_pass_is_not_waited_for(hasty: Store) -> None:
    asked: list[int] = []

    def fail() -> None:
        asked.append(1)
        raise StoreError("the disk is full")

    with pytest.raises(StoreError, match="full"):
        Patience(9)(fail)
    assert asked == [1]


def test_patience_does_not_add_up(hasty: Store) -> None:
    once = patient(hasty, Patience(1))
    assert vars(patient(once, Patience(1)))["_store"] is hasty
