"""What every kind of store promises: looks at test sets, each once."""

import pytest

from nas.errors import StoreError, StudyNotFoundError
from nas.store import Store
from nas.store.rows import StudyRow
from nas.store.tested import TestRow
from tests.store.makers import candidates, spec

RECORD = {"loss": float("nan"), "predictions": "eJw=", "members": [3, 1]}


def seen(what: str, number: int | None = None, wrong: int = 7) -> TestRow:
    return TestRow(what=what, number=number, images=360, wrong=wrong, record=RECORD)


def test_a_network_sees_the_test_set_once(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, candidates(1, 2))
    revision = store.revision(study.id)
    assert store.record_test(study.id, seen("trial 2", 2))
    assert store.revision(study.id) == revision + 1
    assert not store.record_test(study.id, seen("trial 2", 2, wrong=3)), "the first look stands"
    assert store.revision(study.id) == revision + 1
    assert store.record_test(study.id, seen("ensemble 2 1"))
    first, second = store.tests(study.id)
    assert (first.what, first.number, first.images, first.wrong) == ("trial 2", 2, 360, 7)
    assert (second.what, second.number) == ("ensemble 2 1", None)
    assert repr(first.record) == repr(RECORD)
    assert 0 < first.at_s <= second.at_s <= store.now_s()
    assert repr(store.test(study.id, "trial 2")) == repr(first)
    assert store.test(study.id, "trial 1") is None
    assert store.problems() == []


def test_what_no_study_decides_is_found_by_its_data(store: Store, study: StudyRow) -> None:
    other = store.create_study("other", spec(), 1, "")
    assert store.record_test(study.id, seen("knn"))
    assert store.record_test(other.id, seen("knn", wrong=8))
    assert [row.wrong for row in store.tests_on("digits", "knn")] == [7, 8]
    assert store.tests_on("cifar10", "knn") == store.tests_on("digits", "linear") == []


def test_looks_go_with_their_study(store: Store, study: StudyRow) -> None:
    store.record_test(study.id, seen("knn"))
    assert store.delete_study(study.id) == []
    assert store.tests_on("digits", "knn") == []


def test_a_look_of_a_trial_that_is_not_there_is_refused(store: Store, study: StudyRow) -> None:
    with pytest.raises(StoreError, match="no trial 3 in this study: list them with nas trials"):
        store.record_test(study.id, seen("trial 3", 3))
    with pytest.raises(StudyNotFoundError):
        store.record_test(study.id + 1, seen("knn"))
