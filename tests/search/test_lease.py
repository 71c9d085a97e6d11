"""Who may take the trials of a silent driver, and when: real leases, and a store that is really away."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nas.records import AttemptEnd
from nas.search.study import Study
from nas.store import Store, open_store
from tests.search.conftest import MakeStudy
from tests.search.spaces import spec_of, tiny
from tests.store.makers import expire

LEASE_S = 0.4


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[Store]:
    """A store that waits 50 ms for a lock, with a study."""
    with open_store(f"sqlite:///{tmp_path}/nas.db?timeout=0.05") as opened:
        opened.create_study("s", spec_of(tiny()), 6, f"file://{tmp_path}/a")
        yield opened


def until(so: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not so():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def silence(study: Study) -> None:
    """No renewal comes from it any more."""
    assert study.lease is not None
    study.lease.close()


def is_settled(study: Study) -> bool:
    return study.lease is not None and study.lease.settled


def test_after_an_outage_nobody_takes_the_trials_of_the_living(hasty: Store, tmp_path: Path) -> None:
    one, other = Study(hasty, "s", lease_s=LEASE_S), Study(hasty, "s", lease_s=LEASE_S)
    with one.joined(), other.joined():
        until(lambda: is_settled(one))
        kept, left = other.ask(2)
        silence(other)  # slow to come back: its next words are this test's own
        hasty.renew(other.driver_id)
        away = sqlite3.connect(tmp_path / "nas.db", isolation_level=None, timeout=30)
        away.execute("BEGIN IMMEDIATE")
        until(lambda: not any(driver.live for driver in hasty.drivers(one.row.id)))
        assert one.reap() == []
        away.close()
        assert one.reap() == [], "the other has had no time to renew"
        assert hasty.renew(other.driver_id), "a lease that is over, and nobody's yet"
        assert other.tell([other.outcome(AttemptEnd(*kept.key, {"error": 0.5}), wall_s=1.0)]) == [True]
        until(lambda: one.reap() == [left.number])  # it stayed silent for a whole lease after that
    assert [row.accepted for row in hasty.attempts(one.row.id, kept.number)] == [True]


def test_who_has_just_come_waits_for_one_lease(make_study: MakeStudy, store: Store) -> None:
    silent = make_study(budget=4)
    silent.join()
    (request,) = silent.ask(1)
    silence(silent)
    expire(store, silent.driver_id)
    with Study(store, "s", lease_s=60).joined() as patient:
        assert patient.reap() == []
        with Study(store, "s", lease_s=LEASE_S).joined() as quick:
            until(lambda: quick.reap() == [request.number])
