"""Processes killed and disks full: what was committed stays, what was not is not there."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import event

from nas.errors import StoreError
from nas.records import TrialState
from nas.store import Store, open_store
from tests.store.makers import assert_sound, candidate, candidates, numbers, outcome, report, spec
from tests.store.mounts import mounted

ROOT = Path(__file__).resolve().parents[2]

IN_THE_MIDDLE = """
import sys, time
from nas.store import open_store
from nas.store.writing import claims
from tests.store.makers import candidates

store = open_store(sys.argv[1])
enter = claims.enter
def slow(change, new, driver_id):
    enter(change, new, driver_id)
    print("in", flush=True)
    time.sleep(60)
claims.enter = slow
store.claim(1, 1, candidates(1, 2, 3))
"""

WITHOUT_END = """
import sys
from nas.store import open_store
from tests.store.makers import candidate, outcome, report

store = open_store(sys.argv[1])
for i in range(10**6):
    (claim,) = store.claim(1, 1, [candidate(i)])
    store.report(1, 1, [report(claim.number, e) for e in (1, 2, 3)])
    store.tell(1, 1, [outcome(claim.number)])
    print(claim.number, flush=True)
"""


def start(script: str, url: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", script, url]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def kill(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def test_a_writer_killed_within_a_transaction_leaves_nothing_of_it(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        study = store.create_study("a", spec(), 5, "")
        driver = store.start_driver(study.id, "n", 1, 3600)
        process = start(IN_THE_MIDDLE, sqlite_url)
        assert first_line(process) == "in"
        before = store.revision(study.id)
        kill(process)
        assert store.trials(study.id) == []
        assert store.revision(study.id) == before
        assert len(store.claim(study.id, driver, candidates(1, 2, 3))) == 3
        assert_sound(store, study.id)


def test_what_a_killed_writer_had_told_is_there(sqlite_url: str, tmp_path: Path) -> None:
    with open_store(sqlite_url) as store:
        study = store.create_study("a", spec(), 10**6, "")
        store.start_driver(study.id, "n", 1, 3600)
        process = start(WITHOUT_END, sqlite_url)
        told = [first_line(process) for _ in range(50)]
        kill(process)
        assert store.counts(study.id)[TrialState.COMPLETE] >= len(told)
        assert {t.state for t in store.trials(study.id)[: len(told)]} == {TrialState.COMPLETE}
        assert_sound(store, study.id)
    with sqlite3.connect(tmp_path / "nas.db") as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert raw.execute("PRAGMA foreign_key_check").fetchall() == []


def fill(store: Store, study_id: int, driver: int) -> list[int]:
    """Trials told until the disk is full; their numbers."""
    told: list[int] = []

    def go_on() -> None:
        for i in range(10**4):
            store.claim(study_id, driver, [candidate(i)])
            store.report(study_id, driver, [report(i + 1, epoch) for epoch in range(1, 30)])
            assert store.tell(study_id, driver, [outcome(i + 1)]) == [True]
            told.append(i + 1)

    with pytest.raises(StoreError, match=r"cannot write the store .*the disk is full .*nas resume STUDY"):
        go_on()
    return told


def assert_nothing_lost(store: Store, study_id: int, told: list[int]) -> None:
    assert_sound(store, study_id)
    assert {store.trial(study_id, number).state for number in told} == {TrialState.COMPLETE}
    assert all(len(store.curve(study_id, number)) == 29 for number in told)


def test_a_full_disk_loses_nothing_and_writing_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", size="2m") as disk:
        ballast = disk / "ballast"
        with open_store(str(disk / "x.db")) as store:
            study = store.create_study("a", spec(), 10**6, "")
            driver = store.start_driver(study.id, "n", 1, 3600)
            ballast.write_bytes(b"x" * 400_000)
            told = fill(store, study.id, driver)
            assert_nothing_lost(store, study.id, told)
            ballast.unlink()
            waiting = [t for t in store.trials(study.id) if t.state is TrialState.RUNNING]
            store.tell(study.id, driver, [outcome(t.number) for t in waiting])
            assert len(numbers(store.claim(study.id, driver, [candidate(10**5)]))) == 1
            assert_nothing_lost(store, study.id, told)


def test_a_full_database_loses_nothing(sqlite_url: str) -> None:
    """The same by SQLite's own limit, which needs no right to mount."""
    with open_store(sqlite_url) as store:
        study = store.create_study("a", spec(), 10**6, "")
        driver = store.start_driver(study.id, "n", 1, 3600)
        limit = lambda connection, record: connection.execute("PRAGMA max_page_count = 120")  # noqa: E731
        event.listen(store._engine, "connect", limit)
        store._engine.dispose()
        told = fill(store, study.id, driver)
        assert len(told) > 3
        assert_nothing_lost(store, study.id, told)
        event.remove(store._engine, "connect", limit)
        store._engine.dispose()
        assert len(numbers(store.claim(study.id, driver, candidates(10**5)))) == 1


def test_no_room_to_create(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", size="64k") as disk:
        (disk / "ballast").write_bytes(b"x" * 40_000)
        with pytest.raises(StoreError, match=r"cannot create the store .*full"):
            open_store(str(disk / "x.db"))
        (disk / "ballast").unlink()
        subprocess.run(["mount", "-o", "remount,size=4m", str(disk)], check=True)
        with open_store(str(disk / "x.db")) as store:
            assert store.study_names() == []


def test_a_stopped_driver_wakes_up_after_its_lease(sqlite_url: str) -> None:
    """SIGSTOP for longer than the lease: the trial is taken, the sleeper's result comes late."""
    with open_store(sqlite_url) as store:
        study = store.create_study("a", spec(), 10**6, "")
        sleeper = store.start_driver(study.id, "n", os.getpid(), 0.05)
        store.claim(study.id, sleeper, candidates(1))
        other = store.start_driver(study.id, "m", 1, 3600)
        end = time.monotonic() + 30
        while not (taken := store.reap(study.id)) and time.monotonic() < end:
            time.sleep(0.02)
        assert taken == [1]
        assert [t.attempt for t in store.claim_queued(study.id, other, 1)] == [2]
        assert store.tell(study.id, sleeper, [outcome(1)]) == [False]
        assert store.tell(study.id, other, [outcome(1, 0.1, attempt=2)]) == [True]
        assert_sound(store, study.id)
