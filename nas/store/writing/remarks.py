"""Writing notes, and what was done through the service."""

from sqlalchemy import delete, insert, select

from nas.errors import StoreError
from nas.store.codec import text_in
from nas.store.engine import now
from nas.store.remarks import NOTE_LIMIT, NoteRow
from nas.store.tables import audit, notes, trials
from nas.store.unit import Units
from nas.store.writing.ids import fresh_id, remember_ids


class RemarkWrites(Units):
    """The part of a `Store` that writes notes and the audit."""

    def add_note(self, study_id: int, text: str, author: str, number: int | None = None) -> NoteRow:
        """A note on a trial, or on the study as a whole.

        Raises `StoreError` if it is longer than `NOTE_LIMIT` characters, or the study has no such trial.
        """
        if len(text) > NOTE_LIMIT:
            raise StoreError(f"a note of {len(text):,} characters: it has at most {NOTE_LIMIT:,}; shorten it")
        said = {"text": text_in(text), "author": text_in(author)}
        with self._changing(study_id) as change:
            connection = change.connection
            here = select(trials.c.number).where(trials.c.study_id == study_id, trials.c.number == number)
            if number is not None and connection.execute(here).first() is None:
                raise StoreError(f"no trial {number} in this study: list them with nas trials STUDY")
            new = insert(notes).values(
                **fresh_id(connection, notes),
                study_id=study_id,
                number=number,
                created_s=change.now_s,
                **said,
            )
            found = connection.execute(new.returning(notes.c.id)).scalar_one()
            change.changed = True
            return NoteRow(int(found), number, created_s=change.now_s, **said)

    def delete_note(self, study_id: int, note_id: int) -> bool:
        """Delete a note of the study; False if it has none of that id. Ids are not used again."""
        here = (notes.c.study_id == study_id, notes.c.id == note_id)
        with self._changing(study_id) as change:
            if change.connection.execute(select(notes.c.id).where(*here)).first() is None:
                return False
            remember_ids(change.connection, notes)
            change.connection.execute(delete(notes).where(*here))
            change.changed = True
            return True

    def record_action(
        self, *, actor: str, address: str, action: str, study: str, detail: str, outcome: str
    ) -> None:
        """Note an action that was asked for, and what came of it."""
        said = {"actor": actor, "address": address, "action": action}
        said |= {"study": study, "detail": detail, "outcome": outcome}
        clean = {name: text_in(text) for name, text in said.items()}
        with self._writing() as connection:
            connection.execute(insert(audit).values(at_s=now(), **clean))
