"""What every kind of store promises: notes and the audit."""

import pytest

from nas.errors import StoreError, StudyNotFoundError
from nas.store import Store
from nas.store.remarks import NOTE_LIMIT
from nas.store.rows import StudyRow
from tests.store.makers import candidates, spec

HTML = "<script>alert('ä')</script> {{ 7 * 7 }} \0 \ud800"
SHOWN = "<script>alert('ä')</script> {{ 7 * 7 }} \\x00 \\ud800"


def texts(store: Store, study: int, number: int | None = None) -> list[str]:
    return [note.text for note in store.notes(study, number)]


def test_notes_stand_on_studies_and_on_trials(store: Store, study: StudyRow, driver: int) -> None:
    store.claim(study.id, driver, candidates(1, 2))
    first = store.add_note(study.id, "of the study", "Ada")
    second = store.add_note(study.id, HTML, "", 2)
    store.add_note(study.id, "another", "Bo", 2)
    assert store.notes(study.id) == [first]
    assert (first.number, first.author, first.created_s <= store.now_s()) == (None, "Ada", True)
    assert texts(store, study.id, 2) == [SHOWN, "another"]
    assert second.text == SHOWN
    assert texts(store, study.id, 1) == []
    assert store.problems() == []


def test_a_note_changes_its_study_for_those_who_watch(store: Store, study: StudyRow) -> None:
    seen = store.revision(study.id)
    note = store.add_note(study.id, "a", "")
    assert store.revision(study.id) == seen + 1
    assert store.delete_note(study.id, note.id)
    assert store.revision(study.id) == seen + 2
    assert not store.delete_note(study.id, note.id)
    assert store.revision(study.id) == seen + 2
    assert texts(store, study.id) == []


def test_ids_of_notes_are_not_used_again(store: Store, study: StudyRow) -> None:
    other = store.create_study("other", spec(), 1, "")
    first = store.add_note(study.id, "a", "")
    assert not store.delete_note(other.id, first.id), "it is on another study"
    assert store.delete_note(study.id, first.id)
    second = store.add_note(study.id, "b", "")
    assert second.id > first.id
    assert store.delete_study(study.id) == []
    assert store.add_note(other.id, "c", "").id > second.id


@pytest.mark.parametrize(
    ("text", "number", "message"),
    [
        ("x" * (NOTE_LIMIT + 1), None, "20,001 characters: it has at most 20,000"),
        ("x", 3, "no trial 3 in this study"),
        ("x", -1, "no trial -1 in this study"),
    ],
)
def test_what_is_no_note_is_refused(
    store: Store, study: StudyRow, text: str, number: int | None, message: str
) -> None:
    seen = store.revision(study.id)
    with pytest.raises(StoreError, match=message):
        store.add_note(study.id, text, "", number)
    assert store.revision(study.id) == seen
    with pytest.raises(StudyNotFoundError):
        store.add_note(study.id + 1, "x", "")


def record(store: Store, action: str, **more: str) -> None:
    plain = {"actor": "local", "address": "127.0.0.1", "study": "vgg-1", "detail": "", "outcome": "done"}
    store.record_action(action=action, **{**plain, **more})


def test_the_audit_outlives_studies_and_is_read_page_by_page(store: Store, study: StudyRow) -> None:
    before = store.now_s()
    for i in range(5):
        record(store, f"action {i}", detail=HTML)
    assert store.delete_study(study.id) == []
    rows = store.audit(3)
    assert [row.action for row in rows] == ["action 4", "action 3", "action 2"]
    assert (rows[0].study, rows[0].actor, rows[0].outcome) == ("vgg-1", "local", "done")
    assert rows[0].detail == SHOWN
    assert before <= rows[0].at_s <= store.now_s()
    rest = store.audit(3, before=rows[-1].id)
    assert [row.action for row in rest] == ["action 1", "action 0"]
    assert store.audit(3, before=rest[-1].id) == []
    assert store.problems() == []


def test_what_is_too_long_for_the_audit_is_cut(store: Store) -> None:
    record(store, "create", detail="x" * 10**6)
    (row,) = store.audit(1)
    assert len(row.detail) <= 20_000
    assert "(cut here)" in row.detail
