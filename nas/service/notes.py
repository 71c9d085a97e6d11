"""Notes that people leave on studies and trials."""

from nas.errors import NasError
from nas.service.values import bounded
from nas.store import Store
from nas.store.remarks import NOTE_LIMIT, NoteRow


class NoteNotFoundError(NasError, LookupError):
    """No note of that id in the study."""


def notes(store: Store, study: str, number: int | None = None) -> list[NoteRow]:
    """The notes on a trial, or without a number those on the study as a whole; the oldest first."""
    if number is not None:
        bounded(number, "trial")
    return store.notes(store.study(study).id, number)


def add_note(store: Store, study: str, text: str, *, number: int | None = None, author: str = "") -> NoteRow:
    """Leave a note.

    Raises:
        NasError: no text, more than 20,000 characters, or no such trial.
    """
    if not text.strip():
        raise NasError("a note without text: type what there is to say")
    if len(text) > NOTE_LIMIT:
        raise NasError(f"a note of {len(text):,} characters: it has at most {NOTE_LIMIT:,}; shorten it")
    if number is not None:
        bounded(number, "trial")
    return store.add_note(store.study(study).id, text, author, number)


def delete_note(store: Store, study: str, id: int) -> None:
    """Take a note away; raises `NoteNotFoundError` if the study has none of that id."""
    if not store.delete_note(store.study(study).id, bounded(id, "note")):
        raise NoteNotFoundError(f"no note {id} on study {study!r}: it was deleted, or never written")
