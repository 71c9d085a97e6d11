"""What every kind of store promises: a deleted study leaves nothing behind, and nothing of it comes back."""

import pytest
from sqlalchemy import func, select

from nas.errors import StudyNotFoundError
from nas.store import Store
from nas.store.rows import Screened, StudyRow
from nas.store.tables import metadata
from nas.store.tested import TestRow
from tests.store.makers import assert_sound, candidates, expire, outcome, report, spec


def whole(store: Store, name: str) -> tuple[int, int]:
    """A study with rows in every table, and its driver."""
    study = store.create_study(name, spec(), 9, f"memory://{name}").id
    driver = store.start_driver(study, "node-1", 7, 3600)
    store.claim(study, driver, candidates(1, 2, 3))
    store.report(study, driver, [report(1, 1), report(2, 1)])
    store.tell(study, driver, [outcome(1), outcome(2)])
    store.count_refusals(study, {"duplicate": 2})
    store.screen(study, [Screened("k", 1, "a", {"depth": 1}, 0.5)], {})
    store.add_note(study, "Look at its width.", "", 2)
    store.record_test(study, TestRow(what="trial 2", number=2, images=360, wrong=7))
    return study, driver


def sizes(store: Store) -> dict[str, int]:
    with store._reading() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
            if name not in ("nas_gone", "nas_audit")
        }


def test_all_rows_go_and_others_stay(store: Store) -> None:
    kept, _ = whole(store, "kept")
    before = sizes(store)
    assert all(before.values()), "a table without a row shows nothing"
    gone, driver = whole(store, "gone")
    store.end_driver(driver)
    assert store.delete_study(gone) == []
    assert sizes(store) == before
    assert_sound(store, kept)
    assert store.problems() == []
    with pytest.raises(StudyNotFoundError):
        store.study("gone")


def test_a_driver_that_is_alive_keeps_its_study(store: Store) -> None:
    study, driver = whole(store, "a")
    before = sizes(store)
    assert store.delete_study(study) == ["node-1"]
    assert sizes(store) == before
    expire(store, driver)
    assert store.delete_study(study) == []


def test_ids_are_not_used_again(store: Store, study: StudyRow) -> None:
    for _ in range(3):
        last, driver = whole(store, "again")
        store.end_driver(driver)
        store.delete_study(last)
        new, other = whole(store, "again")
        assert (new > last, other > driver) == (True, True)
        assert not store.renew(driver), "the lease of a driver that is no more"
        with pytest.raises(StudyNotFoundError):
            store.tell(last, driver, [outcome(3)])
        store.end_driver(other)
        store.delete_study(new)
    assert store.study_names() == [study.name]
