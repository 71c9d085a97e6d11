"""Notes as people leave them."""

import pytest

from nas.errors import NasError, StudyNotFoundError
from nas.service.notes import NoteNotFoundError, add_note, delete_note, notes
from nas.store import Store
from tests.store.makers import candidates, spec


@pytest.fixture
def study(store: Store) -> str:
    row = store.create_study("s", spec(), 9, "memory://s")
    store.enqueue(row.id, candidates(1, 2))
    return row.name


def test_a_note_is_left_found_and_taken_away(store: Store, study: str) -> None:
    note = add_note(store, study, "Look at its width.", number=2, author="Ada")
    assert notes(store, study, 2) == [note]
    assert notes(store, study) == []
    delete_note(store, study, note.id)
    assert notes(store, study, 2) == []
    with pytest.raises(NoteNotFoundError, match=f"no note {note.id} on study 's'"):
        delete_note(store, study, note.id)


@pytest.mark.parametrize(
    ("text", "number", "message"),
    [
        (" \n", None, "a note without text"),
        ("x" * 10_000_000, None, "10,000,000 characters: it has at most 20,000"),
        ("x", 3, "no trial 3"),
        ("x", 0, "trial 0: it is a whole number"),
        ("x", 10**20, "it is a whole number"),
    ],
)
def test_what_is_no_note(store: Store, study: str, text: str, number: int | None, message: str) -> None:
    with pytest.raises(NasError, match=message):
        add_note(store, study, text, number=number)
    assert notes(store, study) == notes(store, study, 1) == notes(store, study, 2) == []


def test_a_study_that_is_none(store: Store) -> None:
    for ask in (
        lambda: notes(store, "t"),
        lambda: add_note(store, "t", "x"),
        lambda: delete_note(store, "t", 1),
    ):
        with pytest.raises(StudyNotFoundError):
            ask()
